"""The blocks an email is made of. Text and addresses may hold Liquid; rich text is sanitised when it is compiled."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Align = Literal["left", "center", "right"]
Font = Literal["sans", "serif", "mono"]


class Block(BaseModel):
    """What every block has. `show_if` is a Liquid condition: without it the block is always there."""

    model_config = ConfigDict(extra="forbid")

    id: str = Field(max_length=40)
    show_if: str = Field("", max_length=300)


class Heading(Block):
    type: Literal["heading"] = "heading"
    text: str = Field("", max_length=500)
    level: Literal[1, 2, 3] = 1
    align: Align = "left"
    colour: Colour | None = None


class Text(Block):
    """Rich text: paragraphs, emphasis, lists, links."""

    type: Literal["text"] = "text"
    html: str = Field("", max_length=20_000)
    align: Align = "left"


class Image(Block):
    """`width` in pixels; none = as wide as its column."""

    type: Literal["image"] = "image"
    src: str = Field("", max_length=2000)
    alt: str = Field("", max_length=300)
    href: str = Field("", max_length=2000)
    width: int | None = Field(None, ge=16, le=1200)
    align: Align = "center"


class Button(Block):
    type: Literal["button"] = "button"
    label: str = Field("", max_length=200)
    href: str = Field("", max_length=2000)
    align: Align = "left"
    background: Colour | None = None
    colour: Colour = "#ffffff"


class Divider(Block):
    type: Literal["divider"] = "divider"
    colour: Colour = "#dfe3e8"


class Spacer(Block):
    """Empty height in pixels."""

    type: Literal["spacer"] = "spacer"
    height: int = Field(24, ge=4, le=200)


Simple = Annotated[Heading | Text | Image | Button | Divider | Spacer, Field(discriminator="type")]


class Columns(Block):
    """Two to four columns side by side, below each other on phones."""

    type: Literal["columns"] = "columns"
    columns: list[list[Simple]] = Field(min_length=2, max_length=4)


class Product(BaseModel):
    """One product shown; `price` as it should read."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=200)
    price: str = Field("", max_length=60)
    href: str = Field("", max_length=2000)
    image: str = Field("", max_length=2000)


class Products(Block):
    """Products beside each other."""

    type: Literal["products"] = "products"
    items: list[Product] = Field(default_factory=list, max_length=12)
    per_row: Literal[1, 2, 3] = 3
    link_label: str = Field("View", max_length=60)


class Footer(Block):
    """Who sends it, the postal address the law asks for, and the way to unsubscribe."""

    type: Literal["footer"] = "footer"
    show_if: Literal[""] = ""
    organisation: str = Field("", max_length=200)
    address: str = Field("", max_length=500)
    reason: str = Field("", max_length=300)
    unsubscribe_label: str = Field("Unsubscribe", max_length=60)


AnyBlock = Annotated[
    Heading | Text | Image | Button | Divider | Spacer | Columns | Products | Footer, Field(discriminator="type")
]


class Look(BaseModel):
    """Colours, font and width of the whole mail."""

    model_config = ConfigDict(extra="forbid")

    background: Colour = "#f2f4f7"
    surface: Colour = "#ffffff"
    ink: Colour = "#1f2933"
    accent: Colour = "#1c5d99"
    font: Font = "sans"
    width: Annotated[int, Field(ge=320, le=800)] = 600


class BlockSource(BaseModel):
    """A mail made of blocks. `text` replaces the generated plain-text part."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["blocks"] = "blocks"
    blocks: list[AnyBlock] = Field(default_factory=list, max_length=100)
    look: Look = Field(default_factory=lambda: Look())
    text: str | None = Field(None, max_length=50_000)


class CodeSource(BaseModel):
    """A mail written as MJML."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["code"] = "code"
    mjml: str = Field("", max_length=300_000)
    text: str | None = Field(None, max_length=50_000)


Source = Annotated[BlockSource | CodeSource, Field(discriminator="mode")]
