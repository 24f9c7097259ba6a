#include "sql/postgres/parameters.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "base/file_descriptor.h"

namespace vmsecurity::sql::postgres {
namespace {

using base::ErrorCode;

struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

void set(ConnectionParameters& parameters, std::string_view keyword, std::string value) {
    const auto found =
        std::ranges::find(parameters, keyword, [](const auto& p) { return p.first; });
    if (found != parameters.end()) {
        found->second = std::move(value);
    } else {
        parameters.emplace_back(keyword, std::move(value));
    }
}

void set_default(ConnectionParameters& parameters, std::string_view keyword, std::string value) {
    const auto found =
        std::ranges::find(parameters, keyword, [](const auto& p) { return p.first; });
    if (found == parameters.end()) parameters.emplace_back(keyword, std::move(value));
}

}  // namespace

base::Result<ConnectionParameters> connection_parameters(const Options& options) {
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, FreeOptions> parsed(
        PQconninfoParse(options.connection.c_str(), &message));
    if (message != nullptr) PQfreemem(message);  // may quote a password: never shown
    if (!parsed) {
        return base::fail(ErrorCode::kInvalidArgument,
                          "the PostgreSQL connection string cannot be read; write "
                          "\"host=... dbname=... user=... sslmode=verify-full\" or "
                          "\"postgresql://user@host/dbname?sslmode=verify-full\"");
    }
    ConnectionParameters parameters;
    for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
        if (option->val != nullptr) parameters.emplace_back(option->keyword, option->val);
    }
    if (!options.password_file.empty()) {
        constexpr std::uint64_t kLimit = 4096;
        VMSECURITY_ASSIGN(auto password, base::read_file(options.password_file, kLimit));
        while (password.ends_with('\n') || password.ends_with('\r')) password.pop_back();
        set(parameters, "password", std::move(password));
    }
    set(parameters, "client_encoding", "UTF8");
    set_default(parameters, "fallback_application_name", "vmsecurity");
    // A server that vanishes without a word is noticed within about a minute.
    set_default(parameters, "keepalives_idle", "30");
    set_default(parameters, "keepalives_interval", "10");
    set_default(parameters, "keepalives_count", "3");
    set_default(parameters, "tcp_user_timeout", "60000");
    return parameters;
}

}  // namespace vmsecurity::sql::postgres
