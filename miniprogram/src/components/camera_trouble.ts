/** Why the mirror is dark, in words, and what to do about it. */
export type CameraState = 'opening' | 'on' | 'asleep' | 'off' | 'denied' | 'absent' | 'unable' | 'privacy'

export interface Trouble {
  title: string
  lines: string[]
  button: string
}

const COUNTER = '不想用摄像头也可以：点最下面的“不刷脸，预约窗口办理”，效力一样。'

export function troubleOf(state: CameraState, where: 'weapp' | 'browser'): Trouble | null {
  if (state === 'denied') {
    const steps =
      where === 'weapp'
        ? ['第一步：点下面的按钮，打开设置。', '第二步：把“摄像头”后面的开关打开。', '第三步：回到这里。']
        : ['第一步：点浏览器最上面网址旁边的小锁（有的手机是“…”或“大小”）。', '第二步：找到“摄像头”或“相机”，选“允许”。', '第三步：回到这里，点下面的按钮。']
    return { title: '还没有允许使用摄像头', lines: [...steps, COUNTER], button: where === 'weapp' ? '去打开摄像头' : '重新打开摄像头' }
  }
  if (state === 'absent') {
    return { title: '摄像头打不开', lines: ['可能别的程序正在用它，或者这台设备没有摄像头。请关掉视频通话等程序再试，或换一部手机登录。', COUNTER], button: '重新打开摄像头' }
  }
  if (state === 'unable') {
    return { title: '这个浏览器用不了摄像头', lines: ['请在微信里打开零跑办，或换一个新一点的浏览器。', COUNTER], button: '再试一次' }
  }
  if (state === 'privacy') {
    return { title: '需要您先同意隐私保护指引', lines: ['微信规定：同意后才能打开摄像头。照片比对完马上删除，不保存。', COUNTER], button: '同意并打开摄像头' }
  }
  if (state === 'off') {
    return { title: '摄像头被打断了', lines: ['可能来了电话，或者别的程序用了摄像头。没关系，可以接着来。'], button: '重新打开摄像头' }
  }
  return null
}
