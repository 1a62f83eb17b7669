/** A real `<video>` in the browser build: uni-app's own is a player and takes no camera. `sound`: it is heard. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  name: 'NativeVideo',
  props: { sound: Boolean },
  setup: (props) => () => h('video', { muted: !props.sound, playsinline: true, autoplay: true }),
})
