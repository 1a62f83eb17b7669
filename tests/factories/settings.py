"""Settings of a production installation, complete and invented."""

from __future__ import annotations

import base64

KEY = base64.b64encode(bytes(range(32))).decode()
PRODUCTION = {
    "ZT_MODE": "production",
    "ZT_DATA_KEYS": f"k1:{KEY}",
    "ZT_INDEX_KEY": KEY,
    "ZT_PUBLIC_URL": "https://zwfw.example.gov.cn",
    "ZT_DATABASE_URL": "postgresql://db.example/zerotrip",
    "ZT_WECHAT_BASE_URL": "https://api.weixin.qq.com",
    "ZT_WECHAT_SECRET": "real",
    "ZT_EXPRESS_EMS_BASE_URL": "https://api.ems.com.cn",
    "ZT_EXPRESS_EMS_SIGN_KEY": base64.b64encode(bytes(16)).decode(),
    "ZT_ESIGN_TSA_URL": "https://tsa.example.gov.cn",
    "ZT_IDENTITY_PORTRAIT_BASE_URL": "https://portraits.example.gov.cn",
    "ZT_IDENTITY_PORTRAIT_SECRET": "real",
    "ZT_IDENTITY_ASSERTION_KEY": "-----BEGIN PRIVATE KEY-----…",
}
