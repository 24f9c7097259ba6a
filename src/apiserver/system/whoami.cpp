#include "apiserver/system/whoami.h"

#include "apiserver/http/answer.h"
#include "codec/json_writer.h"
#include "model/schema/time.h"

namespace vmsecurity::apiserver {

net::Response who_am_i(const Call& call) {
    constexpr std::string_view kKinds[] = {"User", "Token", "Loopback"};
    const Principal& principal = call.principal;
    codec::JsonWriter writer;
    writer.begin_object();
    if (!principal.asset_scan_id.empty()) {
        writer.key("assetScan");
        writer.begin_object();
        writer.member("id", std::string_view(principal.asset_scan_id));
        writer.end_object();
    }
    if (principal.expires_on) {
        writer.member("expiresOn", std::string_view(model::schema::format_time(
                                       model::schema::from_nanoseconds(*principal.expires_on))));
    }
    writer.member("kind", kKinds[static_cast<std::size_t>(principal.kind)]);
    writer.member("name", std::string_view(principal.name));
    writer.member("role", to_string(principal.role));
    writer.end_object();
    return json_answer(200, writer.take());
}

}  // namespace vmsecurity::apiserver
