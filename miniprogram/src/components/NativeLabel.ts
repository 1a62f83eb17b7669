/** A real `<label>` in the browser build: uni-app's own names no field to a screen reader. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  name: 'NativeLabel',
  setup:
    (_props, { slots }) =>
    () =>
      h('label', slots.default?.()),
})
