#include "advisoryserver/advisory_server.h"

#include "advisoryserver/handlers.h"
#include "codec/json_writer.h"
#include "service/publish_file.h"

namespace vmsecurity::advisoryserver {

base::Result<void> AdvisoryServer::start() {
    builder_ = std::make_unique<Builder>(options_);
    VMSECURITY_TRY(builder_->start());
    net::ServerOptions listener;
    listener.listen = options_.listen;
    listener.tls = options_.tls;
    // A download holds its thread for as long as its client takes.
    listener.lanes = {net::LaneSize{1, 1}, net::LaneSize{1, 64}, net::LaneSize{1, 1},
                      net::LaneSize{16, 256}};
    listener.limits.body_bytes = 64 << 10;  // no request here needs one
    listener.limits.grace = std::chrono::milliseconds(2'000);
    listener_ = std::make_unique<net::Server>(
        std::move(listener),
        make_dispatch([this] { return builder_->state(); }, options_.stale_after));
    VMSECURITY_TRY(listener_->start());
    health_ = std::make_unique<service::HealthServer>(
        options_.health_address,
        [this] {
            return std::string(builder_->state().file ? "" : "no advisory file has been built yet");
        },
        [this] {
            const auto now =
                std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
            return metrics_text(builder_->state(), now) + listener_->metrics();
        });
    VMSECURITY_TRY(health_->start());
    return write_ports();
}

// Backwards, each part after those that use it.
void AdvisoryServer::stop() {
    if (health_) health_->stop();
    if (listener_) listener_->stop();
    if (builder_) builder_->stop();
}

base::Result<void> AdvisoryServer::write_ports() const {
    if (options_.port_file.empty()) return {};
    codec::JsonWriter writer;
    writer.begin_object();
    writer.member("advisories", std::string_view(listener_->addresses().front()));
    writer.member("health", std::string_view(health_->address()));
    writer.end_object();
    return service::publish_file(options_.port_file, writer.take() + "\n", 0644);
}

}  // namespace vmsecurity::advisoryserver
