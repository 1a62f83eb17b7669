import { onShow } from '@dcloudio/uni-app'
import { navigation } from '@/stores/navigation'
import { session } from '@/stores/session'

/** Pages of couriers lead whoever is not logged in as one to the courier's login. Call before the page reads anything. */
export function onlyCouriers(): void {
  onShow(() => {
    if (session.audience.value !== 'courier') navigation.replace('/packages/courier/login')
  })
}
