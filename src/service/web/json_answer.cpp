#include "service/web/json_answer.h"

#include "codec/json_writer.h"

namespace vmsecurity::service {

namespace {

constexpr std::string_view kJson = "application/json; charset=UTF-8";

}  // namespace

net::Response json_answer(int status, std::string json) {
    net::Response response;
    response.status = status;
    response.headers.add("Content-Type", std::string(kJson));
    json += '\n';
    response.body = std::move(json);
    return response;
}

net::Response message_answer(int status, std::string_view message) {
    codec::JsonWriter writer;
    writer.begin_object();
    writer.member("message", message);
    writer.end_object();
    return json_answer(status, writer.take());
}

}  // namespace vmsecurity::service
