"""Countries and regions an organisation may be registered in, by ISO 3166 code, the nearest partners first."""

from kernel.bilingual import chosen

COUNTRIES: tuple[tuple[str, str, str], ...] = (
    ("CN", "中国大陆", "Mainland China"),
    ("HK", "中国香港", "Hong Kong, China"),
    ("MO", "中国澳门", "Macao, China"),
    ("TW", "中国台湾", "Taiwan, China"),
    ("AE", "阿联酋", "United Arab Emirates"),
    ("AR", "阿根廷", "Argentina"),
    ("AT", "奥地利", "Austria"),
    ("AU", "澳大利亚", "Australia"),
    ("BD", "孟加拉国", "Bangladesh"),
    ("BE", "比利时", "Belgium"),
    ("BR", "巴西", "Brazil"),
    ("CA", "加拿大", "Canada"),
    ("CH", "瑞士", "Switzerland"),
    ("CL", "智利", "Chile"),
    ("CO", "哥伦比亚", "Colombia"),
    ("CZ", "捷克", "Czechia"),
    ("DE", "德国", "Germany"),
    ("DK", "丹麦", "Denmark"),
    ("EG", "埃及", "Egypt"),
    ("ES", "西班牙", "Spain"),
    ("ET", "埃塞俄比亚", "Ethiopia"),
    ("FI", "芬兰", "Finland"),
    ("FR", "法国", "France"),
    ("GB", "英国", "United Kingdom"),
    ("GR", "希腊", "Greece"),
    ("HU", "匈牙利", "Hungary"),
    ("ID", "印度尼西亚", "Indonesia"),
    ("IE", "爱尔兰", "Ireland"),
    ("IL", "以色列", "Israel"),
    ("IN", "印度", "India"),
    ("IT", "意大利", "Italy"),
    ("JP", "日本", "Japan"),
    ("KE", "肯尼亚", "Kenya"),
    ("KH", "柬埔寨", "Cambodia"),
    ("KR", "韩国", "Korea"),
    ("KZ", "哈萨克斯坦", "Kazakhstan"),
    ("LA", "老挝", "Laos"),
    ("LK", "斯里兰卡", "Sri Lanka"),
    ("MA", "摩洛哥", "Morocco"),
    ("MM", "缅甸", "Myanmar"),
    ("MX", "墨西哥", "Mexico"),
    ("MY", "马来西亚", "Malaysia"),
    ("NG", "尼日利亚", "Nigeria"),
    ("NL", "荷兰", "Netherlands"),
    ("NO", "挪威", "Norway"),
    ("NZ", "新西兰", "New Zealand"),
    ("PE", "秘鲁", "Peru"),
    ("PH", "菲律宾", "Philippines"),
    ("PK", "巴基斯坦", "Pakistan"),
    ("PL", "波兰", "Poland"),
    ("PT", "葡萄牙", "Portugal"),
    ("QA", "卡塔尔", "Qatar"),
    ("RO", "罗马尼亚", "Romania"),
    ("RU", "俄罗斯", "Russia"),
    ("SA", "沙特阿拉伯", "Saudi Arabia"),
    ("SE", "瑞典", "Sweden"),
    ("SG", "新加坡", "Singapore"),
    ("TH", "泰国", "Thailand"),
    ("TR", "土耳其", "Türkiye"),
    ("UA", "乌克兰", "Ukraine"),
    ("US", "美国", "United States"),
    ("UZ", "乌兹别克斯坦", "Uzbekistan"),
    ("VN", "越南", "Vietnam"),
    ("ZA", "南非", "South Africa"),
)


def choices() -> list[tuple[str, str]]:
    """Return the codes with names in the language of the reader, for a select."""
    return [(code, chosen(zh, en)) for code, zh, en in COUNTRIES]


def name_of(code: str) -> str:
    """Return a country's name in the language of the reader, or its code where it has none here."""
    return next((chosen(zh, en) for known, zh, en in COUNTRIES if known == code), code)
