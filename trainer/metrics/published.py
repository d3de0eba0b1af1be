"""What the papers report, quoted beside our figures: other data, so never a target.

None of these can be compared with a figure of ours as a number: the data sets differ, and so do
judges, sizes and crops. Each source is named; what was not compared with the paper's print says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from trainer.metrics.figures import Published

_MARKET, _FASHION = "Market-1501, 128x64", "DeepFashion, 256x256"
_CITYSCAPES, _MAPS = "Cityscapes val, PSPNet judges", "maps to satellite"
_ATN = "arXiv 2011.04181, table 1, which quotes it"
_PATN = "arXiv 2011.04181, table 1, on the pairs of PATN"
_UNCHECKED = "; not compared with the print"
_SIAROHIN = f"Siarohin et al., CVPR 2018, tables 1 to 3{_UNCHECKED}"
_ESSER = f"Esser et al., CVPR 2018, table of reconstruction{_UNCHECKED}"
_WANG = f"Wang et al., CVPR 2018, table 1{_UNCHECKED}"
_ZHU = f"Zhu et al., NIPS 2017, table 1, LPIPS 0.0{_UNCHECKED}"


def _row(source: str, data: str, values: Mapping[str, float]) -> tuple[Published, ...]:
    return tuple(
        Published(method=method, data=data, value=value, source=source)
        for method, value in values.items()
    )


_PG2, _DEFORMABLE, _REAL = "PG2 (Ma et al. 2017)", "Deformable GAN", "real photos"
_DSC, _BASELINE, _VUNET = "deformable skips, L1 (DSC)", "U-Net, L1 (baseline)", "VUNet"

PUBLISHED: dict[str, tuple[Published, ...]] = {
    "pose-gan.ssim": (
        *_row(_ATN, _MARKET, {_DEFORMABLE: 0.290}),
        *_row(_ATN, _FASHION, {_DEFORMABLE: 0.756}),
        *_row(_PATN, _MARKET, {_VUNET: 0.266}),
        *_row(_PATN, _FASHION, {_VUNET: 0.763}),
        *_row(_SIAROHIN, _MARKET, {_PG2: 0.253, _BASELINE: 0.256, _DSC: 0.272}),
        *_row(_SIAROHIN, _FASHION, {_PG2: 0.762}),
    ),
    "pose-gan.mask_ssim": (
        *_row(_ATN, _MARKET, {_DEFORMABLE: 0.805}),
        *_row(_PATN, _MARKET, {_VUNET: 0.793}),
        *_row(_SIAROHIN, _MARKET, {_PG2: 0.792, _BASELINE: 0.784, _DSC: 0.796}),
    ),
    "pose-gan.is": (
        *_row(_ATN, _MARKET, {_DEFORMABLE: 3.185, _REAL: 3.890}),
        *_row(_ATN, _FASHION, {_DEFORMABLE: 3.439, _REAL: 4.053}),
        *_row(_PATN, _MARKET, {_VUNET: 2.965}),
        *_row(_PATN, _FASHION, {_VUNET: 3.440}),
        *_row(_SIAROHIN, _MARKET, {_PG2: 3.460, _BASELINE: 3.188, _DSC: 3.442}),
        *_row(_SIAROHIN, _FASHION, {_PG2: 3.090}),
    ),
    "pose-gan.mask_is": (
        *_row(_ATN, _MARKET, {_DEFORMABLE: 3.502, _REAL: 3.706}),
        *_row(_PATN, _MARKET, {_VUNET: 3.549}),
        *_row(_SIAROHIN, _MARKET, {_PG2: 3.435, _BASELINE: 3.580, _DSC: 3.666}),
    ),
    "pose-gan.ds": (
        *_row(_SIAROHIN, _MARKET, {_PG2: 0.39, _DEFORMABLE: 0.72, _REAL: 0.74}),
        *_row(_SIAROHIN, _FASHION, {_PG2: 0.95, _DEFORMABLE: 0.96, _REAL: 0.98}),
    ),
    "vunet-reconstruction.ssim": (
        *_row(_ESSER, _MARKET, {_PG2: 0.253, _VUNET: 0.353}),
        *_row(_ESSER, _FASHION, {_PG2: 0.762, _VUNET: 0.786}),
    ),
    "vunet-reconstruction.is": (
        *_row(_ESSER, _MARKET, {_PG2: 3.460, _VUNET: 3.214, _REAL: 3.678}),
        *_row(_ESSER, _FASHION, {_PG2: 3.090, _VUNET: 3.087, _REAL: 3.415}),
    ),
    "bicyclegan-diversity.lpips": (
        *_row("junyanz/BicycleGAN, issue 83, which quotes the paper (LPIPS 0.0)", _MAPS,
              {"BicycleGAN": 0.110, "random real pairs": 0.262}),
        *_row("junyanz/BicycleGAN, issue 83, measured again with LPIPS 0.1", _MAPS,
              {"BicycleGAN": 0.261, "random real pairs": 0.609}),
        *_row(_ZHU, _MAPS, {"pix2pix + noise": 0.013, "cVAE-GAN": 0.095, "cLR-GAN": 0.089}),
    ),
    "pix2pixhd-segmentation.accuracy": _row(
        _WANG, _CITYSCAPES,
        {"pix2pix": 0.7834, "CRN": 0.7055, "pix2pixHD": 0.8378, _REAL: 0.8429},
    ),
    "pix2pixhd-segmentation.miou": _row(
        _WANG, _CITYSCAPES,
        {"pix2pix": 0.3948, "CRN": 0.3483, "pix2pixHD": 0.6389, _REAL: 0.6857},
    ),
    "fid": _row(
        f"Park et al., CVPR 2019 (SPADE), table 1{_UNCHECKED}",
        "Cityscapes val, 512x256",
        {"pix2pixHD": 95.0},
    ),
    "pckh": (
        *_row(_PATN, _MARKET, {_VUNET: 0.92}),
        *_row(_PATN, _FASHION, {_VUNET: 0.93}),
    ),
}  # fmt: skip
"""By the id of the figure, papers that report it."""


def published(identifier: str) -> tuple[Published, ...]:
    """What papers report of the figure; empty where none does."""
    return PUBLISHED.get(identifier, ())
