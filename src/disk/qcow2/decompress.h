#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "disk/qcow2/header.h"

namespace vmsecurity::disk::qcow2 {

// Unpacks one cluster and fills `out` with exactly its size; less is kCorrupt. `packed` may have
// other bytes behind the compressed ones.
base::Result<void> decompress(Compression method, base::ByteSpan packed, base::MutableByteSpan out);

}  // namespace vmsecurity::disk::qcow2
