"""Just enough of GGUF version 3: write metadata and tensors, read them back as float32."""

import struct

import numpy as np

ALIGNMENT = 32
U32, I32, F32, BOOL, STRING, ARRAY = 4, 5, 6, 7, 8, 9
SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", U32: "<I", I32: "<i", F32: "<f", BOOL: "<?", 10: "<Q", 11: "<q", 12: "<d"}
TYPE_F32, TYPE_F16, TYPE_Q8_0 = 0, 1, 8
BLOCK, BLOCK_BYTES = 32, 34  # Q8_0: a half-precision scale, then 32 signed bytes


def to_q8_0(values):
    blocks = np.ascontiguousarray(values, np.float32).reshape(-1, BLOCK)
    scale = np.abs(blocks).max(1, keepdims=True) / np.float32(127)
    inverse = np.divide(1, scale, out=np.zeros_like(scale), where=scale != 0)
    out = np.empty((len(blocks), BLOCK_BYTES), np.uint8)
    out[:, :2] = scale.astype("<f2").view(np.uint8)
    scaled = blocks * inverse
    out[:, 2:] = np.trunc(scaled + np.copysign(np.float32(0.5), scaled)).astype(np.int8).view(np.uint8)
    return out.tobytes()


def from_q8_0(data, shape):
    blocks = np.frombuffer(data, np.uint8).reshape(-1, BLOCK_BYTES)
    scale = np.ascontiguousarray(blocks[:, :2]).view("<f2").astype(np.float32)
    return (scale * np.ascontiguousarray(blocks[:, 2:]).view(np.int8).astype(np.float32)).reshape(shape)


class Writer:
    def __init__(self):
        self.entries, self.entry_count = bytearray(), 0
        self.tensors = []

    @staticmethod
    def text(value):
        data = value.encode("utf-8")
        return struct.pack("<Q", len(data)) + data

    def add(self, key, kind, value):
        packed = self.text(value) if kind == STRING else struct.pack(SCALARS[kind], value)
        self.entries += self.text(key) + struct.pack("<I", kind) + packed
        self.entry_count += 1

    def add_array(self, key, kind, values):
        packed = b"".join(self.text(v) if kind == STRING else struct.pack(SCALARS[kind], v) for v in values)
        self.entries += self.text(key) + struct.pack("<IIQ", ARRAY, kind, len(values)) + packed
        self.entry_count += 1

    def add_tensor(self, name, values, kind):
        values = np.ascontiguousarray(values, np.float32)
        data = {TYPE_F32: lambda: values.astype("<f4").tobytes(), TYPE_F16: lambda: values.astype("<f2").tobytes(),
                TYPE_Q8_0: lambda: to_q8_0(values)}[kind]()
        self.tensors.append((name, values.shape, kind, data))

    def write(self, path):
        head = bytearray(b"GGUF" + struct.pack("<IQQ", 3, len(self.tensors), self.entry_count)) + self.entries
        offset = 0
        for name, shape, kind, data in self.tensors:
            head += self.text(name) + struct.pack("<I", len(shape))
            head += b"".join(struct.pack("<Q", size) for size in reversed(shape))  # fastest dimension first
            head += struct.pack("<IQ", kind, offset)
            offset += len(data) + -len(data) % ALIGNMENT
        head += bytes(-len(head) % ALIGNMENT)
        with open(path, "wb") as file:
            file.write(head)
            for _, _, _, data in self.tensors:
                file.write(data + bytes(-len(data) % ALIGNMENT))


def read(path):
    """-> (metadata, {tensor name: float32 array})."""
    with open(path, "rb") as file:
        data = file.read()
    position = 0

    def take(form):
        nonlocal position
        values = struct.unpack_from(form, data, position)
        position += struct.calcsize(form)
        return values if len(values) > 1 else values[0]

    def take_text():
        nonlocal position
        length = take("<Q")
        position += length
        return data[position - length:position].decode("utf-8")

    def take_value(kind):
        if kind == ARRAY:
            element, count = take("<IQ")
            return [take_value(element) for _ in range(count)]
        return take_text() if kind == STRING else take(SCALARS[kind])

    if data[:4] != b"GGUF":
        raise ValueError(f"{path}: not a GGUF file")
    position = 4
    version, tensor_count, entry_count = take("<IQQ")
    if version != 3:
        raise ValueError(f"{path}: version {version}, expected 3")
    metadata = {}
    for _ in range(entry_count):
        key = take_text()
        metadata[key] = take_value(take("<I"))
    described = []
    for _ in range(tensor_count):
        name, rank = take_text(), take("<I")
        shape = tuple(reversed([take("<Q") for _ in range(rank)]))
        described.append((name, shape, *take("<IQ")))
    start = position + -position % ALIGNMENT
    tensors = {}
    for name, shape, kind, offset in described:
        count = int(np.prod(shape))
        size = {TYPE_F32: 4 * count, TYPE_F16: 2 * count, TYPE_Q8_0: count // BLOCK * BLOCK_BYTES}[kind]
        raw = data[start + offset:start + offset + size]
        if kind == TYPE_Q8_0:
            tensors[name] = from_q8_0(raw, shape)
        else:
            tensors[name] = np.frombuffer(raw, "<f4" if kind == TYPE_F32 else "<f2").astype(np.float32).reshape(shape)
    return metadata, tensors
