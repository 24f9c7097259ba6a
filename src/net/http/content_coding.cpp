#include "net/http/content_coding.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "net/http/coders.h"
#include "net/http/message.h"

namespace vmsecurity::net {
namespace {

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// "gzip;q=0.5" → 500. Weights that are none (RFC 9110 §12.4.2) count as zero.
int weight_of(std::string_view parameters) {
    const std::size_t equals = parameters.find('=');
    if (equals == std::string_view::npos) return 1000;
    if (!equals_ignoring_case(trimmed(parameters.substr(0, equals)), "q")) return 1000;
    const std::string_view text = trimmed(parameters.substr(equals + 1));
    if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
    int weight = (text[0] - '0') * 1000;
    int unit = 100;
    for (std::size_t i = 2; i < std::min<std::size_t>(text.size(), 5); ++i, unit /= 10) {
        if (text[i] < '0' || text[i] > '9') return 0;
        weight += (text[i] - '0') * unit;
    }
    return std::min(weight, 1000);
}

}  // namespace

std::string_view to_string(ContentCoding coding) {
    switch (coding) {
        case ContentCoding::kIdentity:
            return "identity";
        case ContentCoding::kGzip:
            return "gzip";
        case ContentCoding::kZstd:
            return "zstd";
    }
    return "identity";
}

std::optional<ContentCoding> parse_content_coding(std::string_view value) {
    const std::string_view name = trimmed(value);
    if (name.empty() || equals_ignoring_case(name, "identity")) return ContentCoding::kIdentity;
    if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) {
        return ContentCoding::kGzip;
    }
    if (equals_ignoring_case(name, "zstd")) return ContentCoding::kZstd;
    return std::nullopt;
}

ContentCoding choose_content_coding(std::string_view accept_encoding) {
    int any = 0;
    int gzip = -1;
    int zstd = -1;
    while (!accept_encoding.empty()) {
        const std::size_t comma = accept_encoding.find(',');
        const std::string_view one = accept_encoding.substr(0, comma);
        accept_encoding.remove_prefix(comma == std::string_view::npos ? accept_encoding.size()
                                                                      : comma + 1);
        const std::size_t semicolon = one.find(';');
        const std::string_view name = trimmed(one.substr(0, semicolon));
        const int weight =
            semicolon == std::string_view::npos ? 1000 : weight_of(one.substr(semicolon + 1));
        if (name == "*") any = weight;
        if (equals_ignoring_case(name, "gzip")) gzip = weight;
        if (equals_ignoring_case(name, "zstd")) zstd = weight;
    }
    if (gzip < 0) gzip = any;
    if (zstd < 0) zstd = any;
    if (gzip <= 0 && zstd <= 0) return ContentCoding::kIdentity;
    return zstd >= gzip ? ContentCoding::kZstd : ContentCoding::kGzip;
}

bool is_compressible(std::string_view content_type) {
    const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
    if (equals_ignoring_case(type.substr(0, 5), "text/")) return true;
    static constexpr std::array<std::string_view, 6> kTypes{
        "application/json",       "application/x-ndjson", "application/xml",
        "application/javascript", "application/yaml",     "image/svg+xml"};
    return type.ends_with("+json") || type.ends_with("+xml") ||
           std::ranges::any_of(
               kTypes, [&](std::string_view one) { return equals_ignoring_case(type, one); });
}

std::unique_ptr<Decoder> make_decoder(ContentCoding coding) {
    switch (coding) {
        case ContentCoding::kIdentity:
            break;
        case ContentCoding::kGzip:
            return make_gzip_decoder();
        case ContentCoding::kZstd:
            return make_zstd_decoder();
    }
    return nullptr;
}

std::unique_ptr<Encoder> make_encoder(ContentCoding coding) {
    switch (coding) {
        case ContentCoding::kIdentity:
            break;
        case ContentCoding::kGzip:
            return make_gzip_encoder();
        case ContentCoding::kZstd:
            return make_zstd_encoder();
    }
    return nullptr;
}

base::Result<std::string> decode_content(ContentCoding coding, std::string_view in,
                                         std::uint64_t limit) {
    const auto too_large = [] {
        return base::fail(base::ErrorCode::kLimitExceeded, "the decoded body is too large");
    };
    const auto decoder = make_decoder(coding);
    if (decoder == nullptr) {
        if (in.size() > limit) return too_large();
        return std::string(in);
    }
    constexpr std::size_t kBlock = 64 << 10;
    std::string out;
    while (true) {
        const std::size_t held = out.size();
        out.resize(held + kBlock);
        VMSECURITY_ASSIGN(const CodingStep step, decoder->decode(in, std::span(out).subspan(held)));
        in.remove_prefix(step.consumed);
        out.resize(held + step.produced);
        if (out.size() > limit) return too_large();
        if (step.produced == kBlock) continue;  // there may be more
        if (in.empty()) break;
    }
    if (!decoder->is_complete()) {
        return base::fail(base::ErrorCode::kCorrupt, "the encoded body ends too early");
    }
    return out;
}

}  // namespace vmsecurity::net
