/** A real `<canvas>` in the browser build: uni-app's own takes no pointer events. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  name: 'NativeCanvas',
  setup: () => () => h('canvas'),
})
