#include "apiserver/api_server.h"

#include "apiserver/access/issue_token.h"
#include "apiserver/changes/change_hub.h"
#include "apiserver/database.h"
#include "apiserver/housekeeper.h"
#include "apiserver/http/answer.h"
#include "apiserver/router.h"
#include "base/log.h"
#include "base/text.h"
#include "codec/json_writer.h"
#include "service/publish_file.h"
#include "service/web/health.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

namespace {

constexpr std::chrono::seconds kStartTime{60};

// The server's own refusals look like the API's.
net::Response make_error(const net::Request& /*request*/, int status, std::string_view message) {
    std::string_view code = "invalidRequest";
    if (status >= 500) code = "internal";
    if (status == 503) code = "unavailable";
    if (status == 408) code = "timeout";
    if (status == 413 || status == 414 || status == 431) code = "tooLarge";
    if (status == 415) code = "unsupportedMediaType";
    if (status == 429) code = "tooManyRequests";
    return refuse(Refusal{.status = status,
                          .message = std::string(message),
                          .code = code,
                          .target = {},
                          .position = std::nullopt,
                          .details = {}});
}

void log_access(const net::AccessRecord& record) {
    base::log::debug("{} {} {} {} {} us {} bytes of {} to {}", record.request_id,
                     net::to_string(record.method), base::escape_bytes(record.path), record.status,
                     record.duration.count(), record.response_bytes,
                     record.principal.empty() ? std::string_view("-") : record.principal,
                     record.remote_address);
}

}  // namespace

class RunningServer {
  public:
    explicit RunningServer(Options options) : options_(std::move(options)) {}
    ~RunningServer() { stop(); }

    base::Result<void> start() {
        VMSECURITY_ASSIGN(auto database, open_database(options_.database));
        store::StoreOptions store_options;
        VMSECURITY_ASSIGN(store_, store::Store::open(std::move(database), store_options));
        authenticator_ = std::make_unique<Authenticator>(*store_, options_.access);
        VMSECURITY_TRY(authenticator_->start());
        VMSECURITY_TRY(write_first_token());
        changes_ = std::make_unique<ChangeHub>(*store_);
        VMSECURITY_TRY(changes_->start());
        housekeeper_ = std::make_unique<Housekeeper>(*store_, options_.retention_interval);
        housekeeper_->start();
        start_listener();
        VMSECURITY_TRY(listener_->start());
        health_ = std::make_unique<service::HealthServer>(
            options_.health_address, [this] { return reason_not_ready(); },
            [this] { return listener_->metrics(); });
        VMSECURITY_TRY(health_->start());
        ready_ = true;
        return write_ports();
    }

    // Backwards, each part after those that use it.
    void stop() {
        ready_ = false;
        if (changes_) changes_->stop();
        if (listener_) listener_->stop();
        if (housekeeper_) housekeeper_->stop();
        if (health_) health_->stop();
        health_.reset();
        listener_.reset();
        router_.reset();
        housekeeper_.reset();
        changes_.reset();
        authenticator_.reset();
        store_.reset();
    }

    std::vector<std::string> addresses() const {
        return listener_ ? listener_->addresses() : std::vector<std::string>{};
    }
    std::string health_address() const { return health_ ? health_->address() : std::string{}; }

  private:
    void start_listener() {
        router_ = std::make_unique<Router>(
            Services{*store_, *authenticator_, *changes_, options_.page_limit});
        net::ServerOptions listener;
        listener.listen = options_.listen;
        listener.tls = options_.tls;
        listener.limits.body_bytes = options_.max_body_bytes;
        listener.limits.request = options_.request_time;
        listener.limits.grace = options_.grace;
        listener.rate_limit = options_.rate_limit;
        listener.cross_origin = options_.cross_origin;
        listener.make_error = make_error;
        if (base::log::enabled(base::log::Level::kDebug)) listener.access_log = log_access;
        listener_ = std::make_unique<net::Server>(
            std::move(listener),
            [this](const net::Request& request) { return router_->dispatch(request); });
    }

    std::string reason_not_ready() const {
        return ready_ ? housekeeper_->fault() : std::string("the server is starting or stopping");
    }

    base::Result<void> write_first_token() {
        if (options_.admin_token_file.empty()) return {};
        VMSECURITY_ASSIGN(const std::string token,
                          issue_first_token(*store_, "first-admin",
                                            std::chrono::steady_clock::now() + kStartTime));
        if (token.empty()) return {};
        VMSECURITY_TRY(service::publish_file(options_.admin_token_file, token + "\n", 0600));
        base::log::info("a new admin's token is in {}", options_.admin_token_file);
        return {};
    }

    base::Result<void> write_ports() const {
        if (options_.port_file.empty()) return {};
        codec::JsonWriter writer;
        writer.begin_object();
        writer.member("api", std::string_view(listener_->addresses().front()));
        writer.member("health", std::string_view(health_->address()));
        writer.end_object();
        return service::publish_file(options_.port_file, writer.take() + "\n", 0644);
    }

    Options options_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<Authenticator> authenticator_;
    std::unique_ptr<ChangeHub> changes_;
    std::unique_ptr<Housekeeper> housekeeper_;
    std::unique_ptr<Router> router_;
    std::unique_ptr<net::Server> listener_;
    std::unique_ptr<service::HealthServer> health_;
    std::atomic<bool> ready_ = false;
};

ApiServer::ApiServer(Options options)
    : running_(std::make_unique<RunningServer>(std::move(options))) {}
ApiServer::~ApiServer() = default;

base::Result<void> ApiServer::start() {
    return running_->start();
}
void ApiServer::stop() {
    running_->stop();
}
std::vector<std::string> ApiServer::addresses() const {
    return running_->addresses();
}
std::string ApiServer::health_address() const {
    return running_->health_address();
}

}  // namespace vmsecurity::apiserver
