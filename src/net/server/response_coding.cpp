#include "net/server/response_coding.h"

#include "net/server/response_head.h"

namespace vmsecurity::net {

ContentCoding choose_response_coding(const Request& request, int status, Headers& headers) {
    if (!has_body(status) || status == 206 || headers.find("Content-Encoding")) {
        return ContentCoding::kIdentity;
    }
    const auto type = headers.find("Content-Type");
    if (!type || !is_compressible(*type)) return ContentCoding::kIdentity;
    headers.add("Vary", "Accept-Encoding");
    const auto accepted = request.headers.find("Accept-Encoding");
    if (!accepted || request.method == Method::kHead) return ContentCoding::kIdentity;
    return choose_content_coding(*accepted);
}

void encode_response(const Request& request, std::size_t from, Response& response) {
    if (from == 0 || response.body.size() < from) return;
    const ContentCoding coding = choose_response_coding(request, response.status, response.headers);
    const auto encoder = make_encoder(coding);
    if (encoder == nullptr) return;
    std::string encoded;
    encoder->encode(response.body, true, encoded);
    response.body = std::move(encoded);
    response.headers.add("Content-Encoding", std::string(to_string(coding)));
}

}  // namespace vmsecurity::net
