"""The quantities that capabilities are compared in, their units, and other names of both."""

from dataclasses import dataclass
from decimal import Decimal

from kernel.bilingual import chosen


@dataclass(frozen=True, slots=True)
class Quantity:
    """
    A kind of quantity that capabilities are compared in.

    `units` are its usual units, the one that people think in first; `words` are other Chinese words for it.
    """

    code: str
    name_zh: str
    name_en: str
    si: str
    units: tuple[str, ...]
    words: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name in the language of the page."""
        return chosen(self.name_zh, self.name_en)

    @property
    def usual(self) -> str:
        """The unit it is shown in where nobody chose one."""
        return self.units[0]


def _quantities(*each: Quantity) -> dict[str, Quantity]:
    return {quantity.code: quantity for quantity in each}


QUANTITIES = _quantities(
    Quantity(
        "length", "长度", "length", "m", ("mm", "nm", "µm", "cm", "m", "km"), ("尺寸", "位移", "测长", "距离", "厚度")
    ),
    Quantity("wavelength", "波长", "wavelength", "m", ("nm", "µm"), ("波长范围",)),
    Quantity("particle_size", "粒径", "particle size", "m", ("µm", "nm", "mm"), ("粒度",)),
    Quantity("roughness", "表面粗糙度", "surface roughness", "m", ("µm", "nm"), ("粗糙度", "Ra")),
    Quantity("angle", "角度", "angle", "rad", ("°", "′", "″", "rad", "mrad"), ("2θ",)),
    Quantity("mass", "质量", "mass", "kg", ("g", "µg", "mg", "kg", "t"), ("称量", "重量")),
    Quantity("force", "力", "force", "N", ("kN", "mN", "N", "MN", "kgf", "gf"), ("力值", "拉力", "载荷", "挤压力")),
    Quantity("torque", "扭矩", "torque", "N·m", ("N·m", "nN·m", "µN·m", "mN·m", "kN·m"), ("力矩",)),
    Quantity(
        "pressure",
        "压力",
        "pressure",
        "Pa",
        ("MPa", "Pa", "kPa", "GPa", "hPa", "mbar", "bar", "psi"),
        ("压强", "水压"),
    ),
    Quantity("temperature", "温度", "temperature", "K", ("℃", "K", "℉"), ("黑标温度",)),
    Quantity(
        "temperature_rate",
        "温变速率",
        "rate of temperature change",
        "K/s",
        ("℃/min", "K/min", "℃/s", "K/s"),
        ("升温速率",),
    ),
    Quantity("humidity", "相对湿度", "relative humidity", "%RH", ("%RH",), ("湿度",)),
    Quantity("voltage", "电压", "voltage", "V", ("V", "nV", "µV", "mV", "kV"), ("直流电压", "电位", "浪涌")),
    Quantity(
        "current", "电流", "electric current", "A", ("A", "fA", "pA", "nA", "µA", "mA", "kA"), ("交流电流", "直流电流")
    ),
    Quantity("resistance", "电阻", "resistance", "Ω", ("Ω", "µΩ", "mΩ", "kΩ", "MΩ", "GΩ")),
    Quantity("capacitance", "电容", "capacitance", "F", ("µF", "pF", "nF", "mF")),
    Quantity("power", "功率", "power", "W", ("W", "µW", "mW", "kW", "MW")),
    Quantity("energy", "能量", "energy", "J", ("J", "mJ", "kJ")),
    Quantity("frequency", "频率", "frequency", "Hz", ("Hz", "kHz", "MHz", "GHz", "mHz")),
    Quantity("rotational_speed", "转速", "rotational speed", "r/s", ("r/min", "r/s")),
    Quantity("rate", "频次", "rate of cycles", "次/s", ("次/min", "次/h", "次/s"), ("换气率",)),
    Quantity("time", "时间", "time", "s", ("s", "ns", "µs", "ms", "min", "h")),
    Quantity("speed", "速度", "speed", "m/s", ("m/s", "mm/s", "mm/min", "km/h"), ("风速", "下降风速")),
    Quantity("acceleration", "加速度", "acceleration", "m/s²", ("m/s²",)),
    Quantity("volume", "体积", "volume", "m³", ("L", "µL", "mL", "m³")),
    Quantity("flow", "流量", "flow", "m³/s", ("mL/min", "µL/min", "L/min", "L/h", "m³/h", "m³/s")),
    Quantity("wavenumber", "波数", "wavenumber", "m⁻¹", ("cm⁻¹",)),
    Quantity(
        "mass_concentration",
        "质量浓度",
        "mass concentration",
        "kg/m³",
        ("mg/L", "ng/L", "µg/L", "g/L", "ng/mL", "µg/mL", "mg/mL"),
        ("浓度", "TOC"),
    ),
    Quantity(
        "mass_fraction",
        "质量分数",
        "mass fraction",
        "%",
        ("%", "‰", "g/kg", "mg/kg", "µg/kg", "ppm"),
        ("含量", "金含量"),
    ),
    Quantity("mass_to_charge", "质荷比", "mass-to-charge ratio", "m/z", ("m/z", "u", "Da"), ("质量范围",)),
    Quantity("irradiance", "辐照度", "irradiance", "W/m²", ("W/m²", "mW/cm²")),
    Quantity("luminance", "亮度", "luminance", "cd/m²", ("cd/m²",)),
    Quantity("illuminance", "照度", "illuminance", "lx", ("lx", "klx")),
    Quantity("magnetic_flux_density", "磁感应强度", "magnetic flux density", "T", ("T", "mT", "µT"), ("磁场",)),
    Quantity("viscosity", "黏度", "viscosity", "Pa·s", ("mPa·s", "Pa·s"), ("粘度",)),
    Quantity("conductivity", "电导率", "conductivity", "S/m", ("µS/cm", "mS/cm", "S/m")),
)

OWN: dict[str, tuple[str, str]] = {
    "%RH": ("0.01", "humidity"),
    "m/z": ("1", "mass to charge"),
    "u": ("1", "mass to charge"),
    "Da": ("1", "mass to charge"),
    "%": ("0.01", "share"),
    "‰": ("0.001", "share"),
    "ppm": ("0.000001", "share"),
    "g/kg": ("0.001", "share"),
    "mg/kg": ("0.000001", "share"),
    "µg/kg": ("0.000000001", "share"),
    "r/s": ("1", "turns"),
    "次/s": ("1", "cycles"),
}
"""Units that are pure numbers in SI, yet of different things: factor, and of what. Minutes and hours follow."""
for _count in ("r/s", "次/s"):
    for _per, _seconds in (("min", 60), ("h", 3600)):
        OWN[_count.replace("/s", f"/{_per}")] = (str(Decimal(1) / _seconds), OWN[_count][1])

CHINESE = {
    "毫米": "mm",
    "微米": "µm",
    "纳米": "nm",
    "厘米": "cm",
    "千米": "km",
    "公里": "km",
    "米": "m",
    "千牛": "kN",
    "牛": "N",
    "牛顿": "N",
    "牛米": "N·m",
    "摄氏度": "℃",
    "度": "°",
    "千克": "kg",
    "公斤": "kg",
    "克": "g",
    "毫克": "mg",
    "吨": "t",
    "兆帕": "MPa",
    "千帕": "kPa",
    "帕": "Pa",
    "伏": "V",
    "千伏": "kV",
    "毫伏": "mV",
    "安": "A",
    "毫安": "mA",
    "微安": "µA",
    "欧": "Ω",
    "欧姆": "Ω",
    "瓦": "W",
    "千瓦": "kW",
    "赫兹": "Hz",
    "赫": "Hz",
    "千赫": "kHz",
    "兆赫": "MHz",
    "吉赫": "GHz",
    "秒": "s",
    "分钟": "min",
    "小时": "h",
    "升": "L",
    "毫升": "mL",
    "转/分": "r/min",
    "特斯拉": "T",
    "勒克斯": "lx",
}
ALIASES = {
    **CHINESE,
    "rpm": "r/min",
    "C": "℃",
    "°C": "℃",
    "degC": "℃",
    "°F": "℉",
    "degF": "℉",
    "deg": "°",
    "1/cm": "cm⁻¹",
    "cm-1": "cm⁻¹",
    "N.m": "N·m",
    "kn": "kN",
    "n": "N",
    "v": "V",
    "w": "W",
    "k": "K",
    "l": "L",
    "c": "℃",
    "ohm": "Ω",
    "Nm": "N·m",
    "kNm": "kN·m",
    "mNm": "mN·m",
    "amu": "u",
    "lux": "lx",
}
