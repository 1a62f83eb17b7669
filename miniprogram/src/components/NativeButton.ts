/** A real `<button>` in the browser build: uni-app's own has no role and cannot be reached by keyboard. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  name: 'NativeButton',
  setup:
    (_props, { slots }) =>
    () =>
      h('button', { type: 'button' }, slots.default?.()),
})
