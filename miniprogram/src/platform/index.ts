import type { Platform } from './types'
// #ifdef H5
import { browser } from './browser'
// #endif
// #ifdef MP-WEIXIN
import { weapp } from './weapp'
// #endif

let chosen: Platform
// #ifdef H5
chosen = browser
// #endif
// #ifdef MP-WEIXIN
chosen = weapp
// #endif

export const platform = chosen!
export * from './types'
