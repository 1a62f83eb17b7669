"""What a person reads before an enterprise may learn that he was verified. Any change of the text is a new version."""

from __future__ import annotations

import hashlib

VERSION = "2026-11-2"
TEXT = """企业身份核验告知书

一、谁在请求：页面上写明的企业。为什么请求，也写在页面上。请先确认您认识这家企业、知道这件事。
二、企业会得到什么：只有“核验通过”或“未通过”的结论、实名等级和一份带电子签名的凭证。
三、企业得不到什么：您的人脸照片、比对分数、手机号码，以及您在本平台的其他任何信息。
四、怎么核验：由您选，人脸核验、视频核验、U 盾核验或窗口当面核对，页面上列出的都可以。效力相同，企业看不出您用了哪一种。
   人脸核验另有单独的告知和同意。
五、您可以不同意：点“不同意”即可，企业只会知道您没有同意。不影响您办理其他事项。
六、留下什么：您的同意、结论和时间会留存备查；企业填报的姓名和证件号码加密保存，到期删除。"""
TEXT_SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
