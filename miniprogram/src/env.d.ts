/// <reference types="vite/client" />
/// <reference types="@dcloudio/types" />
/// <reference types="miniprogram-api-typings" />

declare module '*.vue' {
  import type { DefineComponent } from 'vue'
  const component: DefineComponent<object, object, unknown>
  export default component
}

interface ImportMetaEnv {
  /** Address of the server for the WeChat build, without a slash at the end; the browser build is served by it. */
  readonly VITE_API_BASE?: string
}
