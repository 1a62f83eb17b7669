import { createApp } from 'vue'

import 'tdesign-vue-next/es/style/index.css'

import '@/theme/tokens.css'
import '@/theme/icons.css'
import '@/theme/base.css'
import '@/theme/tdesign.css'

import App from '@/App.vue'
import { router } from '@/router'
import { applyPreferences } from '@/stores/preferences'

applyPreferences(document.documentElement)
createApp(App).use(router).mount('#app')
