#include "cli/client/change.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "base/file_descriptor.h"
#include "base/text.h"
#include "cli/client/fetch.h"
#include "cli/client/query.h"
#include "cli/client/refusal.h"
#include "cli/console/console.h"
#include "cli/exit_status.h"
#include "codec/json_writer.h"
#include "model/schema/canonical.h"

namespace vmsecurity::cli {
namespace {

constexpr std::uint64_t kMaxInputBytes = 256ULL << 20U;
constexpr std::size_t kCompressFrom = 64 * 1024;
constexpr int kConflict = 409;

base::Result<std::string> read_standard_input() {
    std::string text;
    std::string block(64 * 1024, '\0');
    while (true) {
        const ssize_t count = ::read(STDIN_FILENO, block.data(), block.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return base::fail(base::system_error(errno, "cannot read standard input"));
        if (count == 0) return text;
        text.append(block, 0, static_cast<std::size_t>(count));
        if (text.size() > kMaxInputBytes) {
            return base::fail(base::ErrorCode::kLimitExceeded, "standard input is too long");
        }
    }
}

base::Result<boost::json::value> read_body(const std::string& file) {
    VMSECURITY_ASSIGN(const std::string text,
                      file == "-" ? read_standard_input() : base::read_file(file, kMaxInputBytes));
    auto value = codec::parse_json(text);
    if (!value) {
        value.error().code = base::ErrorCode::kInvalidArgument;
        value.error().where =
            fmt::format("{}{}{}", file == "-" ? "standard input" : file,
                        value.error().where.empty() ? "" : ", ", value.error().where);
    }
    return value;
}

net::ClientRequest request_of(net::Method method, std::string target,
                              const boost::json::value& body, const ChangeSettings& settings) {
    net::ClientRequest request;
    request.method = method;
    request.target = std::move(target);
    codec::JsonWriter writer;
    model::schema::write_json(writer, body);
    request.body = writer.take();
    request.compress = request.body.size() >= kCompressFrom;
    if (settings.if_match) request.headers.add("If-Match", fmt::to_string(*settings.if_match));
    return request;
}

std::string path_of(const ChangeSettings& settings, const std::string& id) {
    return fmt::format("/{}/{}", settings.display->collection->name, escape_segment(id));
}

// Of a 409: which object is in the way.
std::string describe_conflict(const net::Response& response, const ChangeSettings& settings) {
    std::string text = describe_refusal(response, {});
    const auto body = codec::parse_json(response.body);
    const std::string_view singular = settings.display->collection->singular;
    if (!body || !body->is_object()) return text;
    if (const auto* other = codec::object_member(body->get_object(), singular)) {
        text += fmt::format("\n  it is {} {}", singular,
                            base::printable(std::string(codec::text_member(*other, "id"))));
    }
    return text;
}

base::Result<void> show(const boost::json::object& object, const ChangeSettings& settings) {
    // A token's secret is in this answer and in no other: it must not be lost.
    const bool has_secret = !codec::text_member(object, "secret").empty();
    if (!settings.format && !has_secret) {
        return write_out(base::printable(std::string(codec::text_member(object, "id"))) + '\n');
    }
    const auto writer = make_object_writer(
        {settings.format.value_or(OutputFormat::kJson), settings.display, {}, false, false});
    VMSECURITY_TRY(writer->add(object));
    return writer->finish();
}

int send_and_show(net::HttpClient& client, std::string_view command,
                  const net::ClientRequest& request, const ChangeSettings& settings) {
    const auto answer = client.send(request);
    if (!answer) return fail_with(command, answer.error());
    if (answer->status >= 400) {
        fail_with(command, answer->status == kConflict ? describe_conflict(*answer, settings)
                                                       : describe_refusal(*answer, {}));
        return exit_status_of(*answer);
    }
    const auto object = codec::parse_json(answer->body);
    if (!object || !object->is_object()) {
        return fail_with(command, "the server's answer is no JSON object");
    }
    if (auto shown = show(object->get_object(), settings); !shown) {
        return fail_with(command, shown.error());
    }
    return kComplete;
}

}  // namespace

int run_create(net::HttpClient& client, const ChangeSettings& settings) {
    auto body = read_body(settings.file);
    if (!body) return fail_with("create", body.error());
    boost::json::array objects;
    if (body->is_array()) {
        objects = std::move(body->get_array());
    } else {
        objects.push_back(std::move(*body));
    }
    const std::string path = fmt::format("/{}", settings.display->collection->name);
    int status = kComplete;
    for (const auto& object : objects) {
        const int one = send_and_show(
            client, "create", request_of(net::Method::kPost, path, object, settings), settings);
        if (one != kComplete) status = one;  // the others are created all the same
    }
    return status;
}

int run_update(net::HttpClient& client, const ChangeSettings& settings) {
    const auto body = read_body(settings.file);
    if (!body) return fail_with("update", body.error());
    const auto method = settings.replace ? net::Method::kPut : net::Method::kPatch;
    return send_and_show(
        client, "update",
        request_of(method, path_of(settings, settings.ids.front()), *body, settings), settings);
}

int run_delete(net::HttpClient& client, const ChangeSettings& settings) {
    int status = kComplete;
    for (const std::string& id : settings.ids) {
        net::ClientRequest request;
        request.method = net::Method::kDelete;
        request.target = path_of(settings, id);
        if (settings.if_match) request.headers.add("If-Match", fmt::to_string(*settings.if_match));
        if (const auto done = fetch(client, "delete", request); !done) status = done.error();
    }
    return status;
}

}  // namespace vmsecurity::cli
