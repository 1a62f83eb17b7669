/** Why the mirror is dark, in words, and what to do about it. */
export type CameraState = 'on' | 'closed' | 'denied' | 'absent' | 'unable'

export interface Trouble {
  title: string
  lines: string[]
  button: string
}

const COUNTER = '不想用摄像头也可以：点最下面的“不刷脸，预约窗口办理”，效力一样。'

/** null while nothing is wrong with it. `hasSound`: the microphone is wanted too. */
export function troubleOf(state: CameraState, hasSound = false): Trouble | null {
  if (state === 'denied') {
    const second = hasSound ? '第二步：找到“摄像头”（或“相机”）和“麦克风”，都选“允许”。' : '第二步：找到“摄像头”或“相机”，选“允许”。'
    const steps = ['第一步：点浏览器最上面网址旁边的小锁（有的手机是“…”或“大小”）。', second, '第三步：回到这里，点下面的按钮。']
    return { title: hasSound ? '还没有允许使用摄像头和麦克风' : '还没有允许使用摄像头', lines: [...steps, COUNTER], button: '重新打开摄像头' }
  }
  if (state === 'absent') {
    return { title: '摄像头打不开', lines: ['可能别的程序正在用它，或者这台设备没有摄像头。请关掉视频通话等程序再试，或换一部手机登录。', COUNTER], button: '重新打开摄像头' }
  }
  if (state === 'unable') {
    return { title: '这个浏览器用不了摄像头', lines: [hasSound ? '请换一个新一点的浏览器。' : '请在微信里打开零跑办，或换一个新一点的浏览器。', COUNTER], button: '再试一次' }
  }
  return null
}
