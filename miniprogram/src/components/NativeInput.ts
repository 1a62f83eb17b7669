/** A real `<input>`, `<textarea>` in the browser build, so that a `<label for>` finds it. Emits `text` with what was typed. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  name: 'NativeInput',
  props: { tag: { type: String, default: 'input' }, text: { type: String, default: '' } },
  emits: ['text'],
  setup:
    (props, { emit }) =>
    () =>
      h(props.tag, { value: props.text, onInput: (event: Event) => emit('text', (event.target as HTMLInputElement).value) }),
})
