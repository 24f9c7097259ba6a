#pragma once

#include <memory>

#include "net/http/content_coding.h"

namespace vmsecurity::net {

std::unique_ptr<Decoder> make_gzip_decoder();
std::unique_ptr<Decoder> make_zstd_decoder();
std::unique_ptr<Encoder> make_gzip_encoder();
std::unique_ptr<Encoder> make_zstd_encoder();

}  // namespace vmsecurity::net
