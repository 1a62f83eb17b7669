/** WeChat's own face check (wx.requestFacialVerify). Only the WeChat build imports this. */
import { weapp } from './weapp'

/** Until it was closed, with or without success: the hall asks WeChat what came of it. Rejects when the privacy guide was not agreed to. */
export async function showVerification(verifyId: string): Promise<void> {
  if (!(await weapp.askPrivacy())) throw new Error('privacy')
  await new Promise<void>((resolve) => wx.requestFacialVerify({ verifyId, complete: () => resolve() }))
}
