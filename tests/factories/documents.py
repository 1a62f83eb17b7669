"""Believable data for every document template."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import segno

from esign.documents.data import CommitmentData, LicenceData, Line, MaterialRow, NoticeData, Party

CREATED_AT = datetime(2026, 3, 5, 2, 30, tzinfo=UTC)


def qr_svg(content: str = "https://hall.example/v#" + "0123456789" * 60) -> str:
    out = io.BytesIO()
    segno.make(content, error="l", mask=3).save(out, kind="svg", border=2, xmldecl=False)
    return out.getvalue().decode()


def notice_data(*, person_name: str = "吉田𠮷") -> NoticeData:
    return NoticeData(
        receipt_number="GZ20260305000017",
        item_name="小餐饮食品经营备案",
        item_code="000131016000",
        authority="临江市市场监督管理局",
        person_name=person_name,
        issued_on="2026年3月5日",
        answers=(
            Line("经营面积是否在 150 平方米以下", "是，约 86 平方米"),
            Line("经营场所", "租用"),
            Line("是否制售冷荤凉菜、生食、裱花蛋糕", "否"),
            Line("谁来办理", "法定代表人与一名股东，两人分处两地"),
        ),
        materials=(
            MaterialRow("小餐饮食品经营备案表", "电子件", "1 份", "线上填写", "填写后自动生成，无需打印"),
            MaterialRow("营业执照", "电子证照", "1 份", "部门共享", is_exempt=True),
            MaterialRow("法定代表人身份证明", "电子证照", "1 份", "部门共享", is_exempt=True),
            MaterialRow("经营场所平面图", "电子件", "1 份", "申请人自备", "标明加工、就餐、清洗区域和上下水位置，手绘也可以"),
            MaterialRow("从业人员健康证明", "电子件", "每人 1 份", "申请人自备", "有效期一年之内"),
            MaterialRow("承诺书", "电子件", "1 份", "线上签署", "由法定代表人和股东分别签名"),
        ),
        legal_limit="5 个工作日",
        promised_limit="1 个工作日",
        fee="不收费",
        legal_basis=("《中华人民共和国食品安全法》第三十六条", "《优化营商环境条例》（国务院令第722号）第三十四条"),
        channels=("在手机上接着办：两人各自签名，不用见面", "到任一窗口办理：带身份证即可，效力与线上相同", "邮寄材料：到付由我们承担"),
        help=(
            Line("电话", "12345 转市场监管"),
            Line("地址", "临江市滨河路 18 号政务服务中心 2 楼 B06 窗口"),
            Line("时间", "工作日 9:00—17:00，午间不休"),
        ),
        remarks=("所填内容如有变化，请在十个工作日内更新。",),
        is_test=True,
    )


def commitment_data() -> CommitmentData:
    return CommitmentData(
        number="CN20260305000017",
        item_name="小餐饮食品经营备案",
        authority="临江市市场监督管理局",
        business=(
            Line("字号名称", "临江市滨河区老巷面馆"),
            Line("统一社会信用代码", "91330100MA27XW8Q2K"),
            Line("经营场所", "临江市滨河区老巷路 27 号 1 层"),
            Line("经营面积", "86 平方米"),
            Line("经营项目", "热食类食品制售"),
        ),
        parties=(
            Party("法定代表人", "陈𠮷祥", "3301**********0017", "signer-1"),
            Party("股东", "林喆", "4401**********2023", "signer-2"),
        ),
        promises=(
            "所填写和提交的内容真实、准确、完整，经营场所与备案地址一致。",
            "经营场所面积不超过 150 平方米，布局和设施符合食品安全要求，与有毒、有害场所保持规定的距离。",
            "从业人员持有效健康证明上岗，并按规定培训、每日自查。",
            "采购食品和原料时查验供货者的许可和合格证明，留存凭证不少于六个月。",
            "不制售冷荤凉菜、生食类食品和裱花蛋糕，不加工国家禁止经营的食品。",
            "接受市场监督管理部门的监督检查，并在经营场所公示备案证和本承诺书。",
        ),
        consequences=("依法撤销备案，由此产生的后果自行承担。", "失信情况依法记入信用记录，并接受相应处理。"),
        issued_on="2026年3月5日",
        is_test=True,
    )


def licence_data(*, owner: str = "陈𠮷祥") -> LicenceData:
    return LicenceData(
        title="小餐饮食品经营备案证",
        number="浙临餐备〔2026〕第 0301027 号",
        identifier="1.2.156.3005.2.11330100MB1234567X.11330100002500000A.0301027.001.K",
        fields=(
            Line("经营者名称", "临江市滨河区老巷面馆"),
            Line("社会信用代码", "91330100MA27XW8Q2K"),
            Line("负责人", owner),
            Line("经营场所", "临江市滨河区老巷路 27 号 1 层"),
            Line("经营面积", "86 平方米"),
            Line("经营项目", "热食类食品制售（不含冷荤凉菜、生食类食品、裱花蛋糕）"),
        ),
        authority="临江市市场监督管理局",
        issued_on="2026年3月6日",
        valid_until="2029年3月5日",
        qr_svg=qr_svg(),
        verify_hint="微信或浏览器扫码核验真伪\nhall.example/v",
        is_test=True,
    )
