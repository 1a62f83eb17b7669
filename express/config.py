"""Settings of delivery; the defaults talk to the sandbox."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import setting

SANDBOX_EMS_KEY = "c2FuZGJveC1lbXMta2V5MQ=="


@dataclass(frozen=True)
class ExpressConfig:
    ems_base_url: str = setting("ZT_EXPRESS_EMS_BASE_URL", "http://127.0.0.1:8090", "EMS gateway: https://api.ems.com.cn in production.")
    ems_path: str = setting("ZT_EXPRESS_EMS_PATH", "/amp-prod-api/f/amp/api/test", "The gateway's path; it ends in /open in production.")
    ems_sender_no: str = setting("ZT_EXPRESS_EMS_SENDER_NO", "1100000000001", "Our customer number at EMS.")
    ems_authorization: str = setting("ZT_EXPRESS_EMS_AUTHORIZATION", "sandbox-ems-authorization", "Authorization code.", secret=True)
    ems_sign_key: str = setting("ZT_EXPRESS_EMS_SIGN_KEY", SANDBOX_EMS_KEY, "SM4 key, base64 of 16 bytes.", secret=True)
    ems_timeout_seconds: float = setting("ZT_EXPRESS_EMS_TIMEOUT_SECONDS", 8.0, "How long to wait for EMS.")
    sender_name: str = setting("ZT_EXPRESS_SENDER_NAME", "零跑办政务服务大厅", "Sender on the waybill.")
    sender_phone: str = setting("ZT_EXPRESS_SENDER_PHONE", "02812345", "The hall's telephone number.")
    sender_province: str = setting("ZT_EXPRESS_SENDER_PROVINCE", "四川省", "Province of the hall, as EMS names it.")
    sender_city: str = setting("ZT_EXPRESS_SENDER_CITY", "成都市", "City of the hall, as EMS names it.")
    sender_county: str = setting("ZT_EXPRESS_SENDER_COUNTY", "锦江区", "District or county of the hall.")
    sender_address: str = setting("ZT_EXPRESS_SENDER_ADDRESS", "示例路1号政务服务大厅", "Street and number of the hall.")
    insured_yuan: int = setting("ZT_EXPRESS_INSURED_YUAN", 200, "Insured value of a parcel: what reissuing its licence costs.")
    other_carriers_for: tuple[str, ...] = setting(
        "ZT_EXPRESS_OTHER_CARRIERS_FOR", (), "Document classes that carriers other than EMS may carry too (licence, original)."
    )

    def production_problems(self) -> list[str]:
        """What must be changed before real people are served."""
        problems = []
        if not self.ems_base_url.startswith("https://"):
            problems.append("ZT_EXPRESS_EMS_BASE_URL must be an https address")
        if self.ems_sign_key == SANDBOX_EMS_KEY:
            problems.append("ZT_EXPRESS_EMS_SIGN_KEY is the sandbox's")
        return problems
