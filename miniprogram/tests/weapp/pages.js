'use strict'
// Every page with what it is opened with, by the moment of the main job at which the test opens it. `shows` must stand on the page.
const any = () => ({})
const item = (ids) => ({ code: ids.item })
const ofCase = (ids) => ({ case: ids.case })
const ofParcel = (ids) => ({ id: ids.parcel })

const row = (route, who, query = any, shows = /\S/) => ({ route, who, query, shows })

module.exports = {
  /** The application has just been begun. */
  notice: [
    row('pages/home/index', 'stranger', any, /搜索/),
    row('pages/login/index', 'stranger', any, /微信一键登录/),
    row('pages/lost/index', 'stranger', any, /没有这个页面/),
    row('packages/apply/guide', 'stranger', item, /我要办理/),
    row('packages/apply/scenario', 'stranger', item),
    row('packages/licence/verify', 'stranger', any, /扫一扫/),
    row('packages/account/settings', 'stranger', any, /大字/),
    row('packages/courier/login', 'stranger', any, /登录/),
    row('pages/home/index', 'citizen', any, /搜索/),
    row('pages/cases/index', 'citizen', any, /小餐饮/),
    row('packages/apply/notice', 'citizen', (ids) => ({ code: ids.item, case: ids.case })),
    row('packages/apply/form', 'citizen', ofCase, /下一步/),
    row('packages/apply/materials', 'citizen', ofCase, /下一步/),
    row('packages/apply/signers', 'citizen', ofCase),
    row('packages/apply/join', 'citizen', any, /邀请码/),
    row('packages/identity/declare', 'citizen', any),
    row('packages/identity/appointments', 'citizen', any),
    row('packages/identity/asked', 'stranger', any, /有企业请您核验身份/),
    row('packages/identity/asked', 'citizen', () => ({ token: 'unknown' }), /这个链接打不开/),
    row('packages/identity/requests', 'citizen', any, /没有企业请您核验/),
    row('packages/case/progress', 'citizen', ofCase),
  ],
  /** Filled in, the commitment waits for both. */
  application: [
    row('packages/apply/signers', 'citizen', ofCase),
    row('packages/identity/consent', 'citizen', ofCase, /同意并开始/),
    row('packages/identity/counter', 'citizen', ofCase),
    row('packages/identity/ukey', 'citizen', ofCase, /微信里不能用 U 盾/),
    row('packages/identity/video', 'citizen', ofCase, /微信里暂时不能视频.*预约窗口办理/s),
  ],
  /** The owner has agreed to a face check. */
  consented: [row('packages/identity/camera', 'citizen', ofCase, /微信里暂时不能刷脸.*预约窗口办理/s)],
  /** Both have proved who they are and read the commitment. */
  identity: [row('packages/signing/sign', 'citizen', ofCase)],
  /** The licence is sealed and its paper is with the courier. */
  licence: [
    row('pages/wallet/index', 'citizen', any, /小餐饮食品经营备案证/),
    row('pages/me/index', 'citizen', any, /隐私中心/),
    row('packages/apply/done', 'citizen', ofCase, /查看进度/),
    row('packages/case/progress', 'citizen', ofCase),
    row('packages/case/rating', 'citizen', ofCase),
    row('packages/case/record', 'citizen', ofCase),
    row('packages/licence/detail', 'citizen', (ids) => ({ id: ids.licence }), /出示证照/),
    row('packages/licence/show', 'citizen', (ids) => ({ id: ids.licence }), /小餐饮食品经营备案证/),
    row('packages/delivery/parcels', 'citizen', any),
    row('packages/delivery/parcel', 'citizen', ofParcel, /取件码/),
    row('packages/account/messages', 'citizen', any),
    row('packages/account/privacy', 'citizen', any, /我给过的同意/),
    row('packages/person/level', 'citizen', any, /一共四级/),
    row('packages/person/guardians', 'citizen', any, /登记孩子/),
    row('packages/person/consents', 'citizen', any, /现在有效的/),
    row('packages/person/pictures', 'citizen', any, /同意书怎么写的/),
    row('packages/courier/parcels', 'courier', any, /张\*/),
    row('packages/courier/parcel', 'courier', ofParcel, /开始派送/),
    row('packages/courier/scan', 'courier', any, /接收快件/),
    row('packages/courier/door', 'courier', ofParcel, /确认交付/),
  ],
}
