/** Whether the last word from the network was good; pages show a quiet banner while it is not. */
import { ref } from 'vue'

const isOffline = ref(false)

export const network = {
  isOffline,
  answered(): void {
    isOffline.value = false
  },
  failed(): void {
    isOffline.value = true
  },
  /** Follow what the phone itself says. */
  watch(): void {
    uni.onNetworkStatusChange?.((state) => {
      isOffline.value = !state.isConnected
    })
  },
}
