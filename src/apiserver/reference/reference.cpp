#include "apiserver/reference/reference.h"

#include "apiserver/http/answer.h"
#include "apiserver/reference/files.h"

namespace vmsecurity::apiserver {

namespace {

// Nothing but our own files, no script in the page, no frame around it.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

net::Response file_answer(std::string_view type, std::string_view content) {
    net::Response response;
    response.headers.add("Content-Type", std::string(type));
    response.headers.add("Content-Security-Policy", std::string(kPolicy));
    response.headers.add("X-Content-Type-Options", "nosniff");
    response.headers.add("Referrer-Policy", "no-referrer");
    response.headers.add("Cache-Control", "no-cache");
    response.body = content;
    return response;
}

}  // namespace

net::Response get_reference(const Call& /*call*/) {
    return file_answer("text/html; charset=UTF-8", reference_html());
}

net::Response get_reference_file(const Call& call) {
    const std::string_view name = call.match.parameter("file");
    if (name == "reference.css") return file_answer("text/css; charset=UTF-8", reference_css());
    if (name == "reference.js") {
        return file_answer("text/javascript; charset=UTF-8", reference_js());
    }
    return refuse(Refusal{.status = 404,
                          .message = "the reference has no such file",
                          .code = "notFound",
                          .target = "file",
                          .position = std::nullopt,
                          .details = {}});
}

}  // namespace vmsecurity::apiserver
