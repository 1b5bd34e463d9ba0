"""ResNet-50: freezing rewrites a network, and the lines it came from get lost.

The network is the exact ResNet-50 of He et al. (2015), "Deep Residual Learning for Image
Recognition", in the form most people run: the stride sits in the 3x3 convolution. The names of the
modules are those of torchvision, so its weights load here.

Lesson: scripted, the graph has 53 convolutions and 53 batch norms, each with the line that calls
it. `torch.jit.freeze` folds every batch norm into the weights of its convolution. The folded
weights are new constants that no line of Python created: PyTorch knows no source for them.
"""

import torch
from torch import Tensor, nn

EXPANSION = 4
"""How many times wider a bottleneck's output is than its 3x3 convolution."""


class Bottleneck(nn.Module):
    """Three convolutions beside a shortcut: narrow, look around, widen.

    Args:
        channels_in: Channels of the input.
        channels: Channels of the 3x3 convolution; the output has `EXPANSION` times as many.
        stride: Step of the 3x3 convolution; 2 halves height and width.
    """

    def __init__(self, channels_in: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        channels_out = channels * EXPANSION
        self.conv1 = nn.Conv2d(channels_in, channels, kernel_size=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(
            channels, channels, kernel_size=3, stride=stride, padding=1, bias=False
        )
        self.bn2 = nn.BatchNorm2d(channels)
        self.conv3 = nn.Conv2d(channels, channels_out, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(channels_out)
        self.downsample = _shortcut(channels_in, channels_out, stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map `[batch, channels_in, height, width]` to `EXPANSION * channels` channels."""
        shortcut = self.downsample(x)
        x = torch.relu(self.bn1(self.conv1(x)))
        x = torch.relu(self.bn2(self.conv2(x)))
        x = self.bn3(self.conv3(x))
        return torch.relu(x + shortcut)


class ResNet(nn.Module):
    """A stem, four stages of bottlenecks and a linear classifier.

    Args:
        blocks: Number of bottlenecks in each of the four stages.
        width: Channels of the stem and of the first stage's 3x3 convolutions.
        classes: Number of classes.
    """

    def __init__(
        self, blocks: tuple[int, int, int, int], width: int = 64, classes: int = 1000
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = _stage(width, width, blocks[0], stride=1)
        self.layer2 = _stage(width * EXPANSION, width * 2, blocks[1], stride=2)
        self.layer3 = _stage(width * 2 * EXPANSION, width * 4, blocks[2], stride=2)
        self.layer4 = _stage(width * 4 * EXPANSION, width * 8, blocks[3], stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(width * 8 * EXPANSION, classes)
        self.apply(_initialise)

    def forward(self, pictures: Tensor) -> Tensor:
        """Score pictures.

        Args:
            pictures: `[batch, 3, height, width]`, height and width at least 32.

        Returns:
            One score for each class, `[batch, classes]`, not normalised.
        """
        x = torch.relu(self.bn1(self.conv1(pictures)))
        x = self.maxpool(x)
        x = self.layer1(x)
        x = self.layer2(x)
        x = self.layer3(x)
        x = self.layer4(x)
        x = self.avgpool(x)
        return self.fc(x.flatten(1))


def resnet50() -> ResNet:
    """Return the 50-layer network: 25,557,032 parameters."""
    return ResNet(blocks=(3, 4, 6, 3))


def resnet_tiny() -> ResNet:
    """Return one bottleneck a stage, eight times narrower, for ten classes."""
    return ResNet(blocks=(1, 1, 1, 1), width=8, classes=10)


def picture() -> tuple[Tensor]:
    """Return a batch of one picture of the size ImageNet models are trained on."""
    return (torch.randn(1, 3, 224, 224),)


def small_picture() -> tuple[Tensor]:
    """Return a batch of one picture of 64 by 64 points."""
    return (torch.randn(1, 3, 64, 64),)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Conv2d):
        nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
    if isinstance(module, nn.BatchNorm2d):
        # As fresh as PyTorch makes them, batch norms do nothing in eval mode: there would be
        # nothing to fold.
        nn.init.uniform_(module.weight, 0.5, 1.25)
        nn.init.normal_(module.bias, std=0.1)


def _shortcut(channels_in: int, channels_out: int, stride: int) -> nn.Module:
    if channels_in == channels_out and stride == 1:
        return nn.Identity()
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel_size=1, stride=stride, bias=False),
        nn.BatchNorm2d(channels_out),
    )


def _stage(channels_in: int, channels: int, blocks: int, stride: int) -> nn.Sequential:
    stage = nn.Sequential(Bottleneck(channels_in, channels, stride))
    for _ in range(blocks - 1):
        stage.append(Bottleneck(channels * EXPANSION, channels))
    return stage
