"""Words of Chinese business licences, and believable licences made from them: what the preset dictionary is built and measured with.

Places are real, businesses and people are drawn by lot and belong to nobody.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

from esign.credentials.cwt import LicenceClaims, StatusReference

PLACES = (
    "北京市朝阳区|北京市海淀区|上海市浦东新区|上海市徐汇区|天津市南开区|重庆市渝北区|广东省广州市天河区|广东省深圳市南山区|广东省深圳市福田区"
    "|浙江省杭州市西湖区|浙江省宁波市鄞州区|浙江省温州市鹿城区|江苏省南京市鼓楼区|江苏省苏州市姑苏区|江苏省无锡市梁溪区|山东省济南市历下区|山东省青岛市市南区"
    "|四川省成都市武侯区|湖北省武汉市洪山区|湖南省长沙市岳麓区|河南省郑州市金水区|河北省石家庄市长安区|安徽省合肥市蜀山区|福建省福州市鼓楼区"
    "|福建省厦门市思明区|江西省南昌市东湖区|陕西省西安市雁塔区|辽宁省沈阳市和平区|辽宁省大连市中山区|吉林省长春市南关区|黑龙江省哈尔滨市南岗区|云南省昆明市五华区"
    "|贵州省贵阳市南明区|广西壮族自治区南宁市青秀区|海南省海口市龙华区|山西省太原市小店区|内蒙古自治区呼和浩特市新城区|甘肃省兰州市城关区|青海省西宁市城西区"
    "|宁夏回族自治区银川市兴庆区|新疆维吾尔自治区乌鲁木齐市天山区|西藏自治区拉萨市城关区"
).split("|")
ROADS = (
    "人民路|解放路|中山路|建设路|和平路|文化路|新华路|长江路|黄河路|学院路|滨河路|东风路|迎宾大道|世纪大道|科技大道|工业园区|商业街|步行街"
    "|人民东路|人民西路|解放北路|中山南路|商务中心|产业园|创业大厦|街道办事处|社区居民委员会"
).split("|")
DOORS = ("号", "号楼", "幢101室", "单元201室", "层01铺", "座一层", "室", "号一层商铺", "号之一")
TRADES = (
    "餐饮管理有限公司|餐饮服务有限公司|食品有限公司|小吃店|面馆|餐饮店|饭店|酒店管理有限公司|便利店|超市|科技有限公司|信息技术有限公司|贸易有限公司"
    "|商贸有限公司|文化传媒有限公司|建筑工程有限公司|物业管理有限公司|医疗器械有限公司|药房|（个体工商户）|股份有限公司|有限责任公司|（有限合伙）|分公司"
).split("|")
TYPES = (
    "小餐饮食品经营备案证|食品经营许可证|营业执照|食品生产许可证|小餐饮登记证|食品小作坊登记证|药品经营许可证|医疗器械经营许可证|公共场所卫生许可证"
    "|排污许可证|危险化学品经营许可证|道路运输经营许可证|人力资源服务许可证|特种设备使用登记证|烟草专卖零售许可证|酒类零售许可证|仅销售预包装食品经营者备案"
).split("|")
SCOPES = (
    "热食类食品制售|冷食类食品制售|生食类食品制售|糕点类食品制售|自制饮品制售|预包装食品销售（含冷藏冷冻食品）|散装食品销售（含冷藏冷冻食品）|（不含冷藏冷冻食品）"
    "|（不含凉菜、不含裱花蛋糕、不含生食海产品）|特殊食品销售（保健食品、婴幼儿配方乳粉、其他婴幼儿配方食品）|餐饮服务|食品销售|小餐饮|技术开发、技术咨询、技术转让、技术推广、技术服务"
    "|货物进出口、技术进出口、代理进出口|计算机系统服务、软件开发、数据处理|企业管理咨询、经济贸易咨询、市场调查|组织文化艺术交流活动（不含演出）"
    "|承办展览展示活动、会议服务|设计、制作、代理、发布广告|销售日用品、办公用品、电子产品、机械设备、服装鞋帽、工艺品|物业管理、房屋租赁、停车场管理服务"
    "|第二类医疗器械销售|道路普通货物运输|建筑工程施工|许可项目：|一般项目：|食品互联网销售（仅销售预包装食品）|农副产品销售|外卖递送服务|餐饮管理|礼品花卉销售"
    "|依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准"
    "|（市场主体依法自主选择经营项目，开展经营活动；依法须经批准的项目，经相关部门批准后依批准的内容开展经营活动；不得从事国家和本市产业政策禁止和限制类项目的经营活动。）"
    "|（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）"
).split("|")
WORDS = "福来|永和|老街|金鼎|华星|鑫源|悦来|味道|家常|江南|蜀香|源泉|顺发|聚贤|天和|百味|云上|星辰|万家|同心".split("|")
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国志文晓红海燕春梅婷雪佳宇浩然子轩梓涵欣怡"


def believable(rng: random.Random, *, host: str = "zwfw.example.gov.cn") -> LicenceClaims:
    """One licence that looks like a real one; the same generator state gives the same licence."""
    place = rng.choice(PLACES)
    authority = f"11{rng.randrange(11, 65)}{rng.randrange(10_000):04d}MB{rng.randrange(10**7):07d}K"
    start = date(2024, 1, 1) + timedelta(days=rng.randrange(1500))
    years = rng.choice((3, 5, 5, 10, 0))
    until = None if years == 0 else start.replace(day=min(start.day, 28), year=start.year + years) - timedelta(days=1)
    uscc = f"9{rng.randrange(1, 4)}{rng.randrange(11, 65)}{rng.randrange(10_000):04d}MA{rng.randrange(10**8):08d}X"
    serial = f"{rng.randrange(10**12):012d}"
    return LicenceClaims(
        issuer=authority,
        issued_at=datetime(start.year, start.month, start.day, 2, tzinfo=UTC),
        expires_at=None if until is None else datetime(until.year, until.month, until.day, 16, tzinfo=UTC),
        licence_id=f"1.2.156.3005.2.11100000MB03271699{rng.randrange(999):03d}.{authority}.{serial}.001.{rng.choice('0123456789ABCXYZ')}",
        licence_type=rng.choice(TYPES),
        holder_name=f"{place[-3:-1]}{rng.choice(WORDS)}{rng.choice(TRADES)}",
        holder_uscc=uscc,
        address=f"{place}{rng.choice(ROADS)}{rng.randrange(1, 2000)}{rng.choice(DOORS)}",
        scope="；".join(rng.sample(SCOPES, rng.randrange(2, 6))),
        legal_person=rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2)))),
        issued_on=start,
        valid_from=start,
        valid_until=until,
        status=StatusReference(f"https://{host}/api/open/status-lists/{authority}-1", rng.randrange(1 << 20)),
    )
