/** A real `<video>` in the browser build: uni-app's own is a player and takes no camera. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  name: 'NativeVideo',
  setup: () => () => h('video', { muted: true, playsinline: true, autoplay: true }),
})
