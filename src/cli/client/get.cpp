#include "cli/client/get.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/client/fetch.h"
#include "cli/client/refusal.h"
#include "cli/console/console.h"
#include "cli/console/text_table.h"
#include "cli/exit_status.h"

namespace vmsecurity::cli {
namespace {

constexpr std::string_view kCommand = "get";
constexpr std::uint64_t kPage = 1000;        // objects that are asked for at once
constexpr std::uint64_t kTableLimit = 1000;  // rows of a table, unless more are asked for

std::vector<QueryOption> item_options(const GetSettings& settings) {
    std::vector<QueryOption> options;
    const auto add = [&](const char* name, const std::string& value, const char* flag) {
        if (!value.empty()) options.push_back({name, value, flag});
    };
    add("$select", settings.select, "--select");
    add("$expand", settings.expand, "--expand");
    const bool chosen =
        !settings.select.empty() || !settings.expand.empty() || !settings.apply.empty();
    if (settings.format == OutputFormat::kTable && !chosen && !settings.count) {
        add("$expand",
            expansion_for(*settings.display->collection, columns_of(*settings.display, {})), "");
    }
    return options;
}

std::vector<QueryOption> list_options(const GetSettings& settings) {
    std::vector<QueryOption> options = item_options(settings);
    const auto add = [&](const char* name, const std::string& value, const char* flag) {
        if (!value.empty()) options.push_back({name, value, flag});
    };
    add("$filter", settings.filter, "--filter");
    add("$orderby", settings.orderby, "--orderby");
    add("$apply", settings.apply, "--apply");
    if (settings.skip) add("$skip", fmt::to_string(*settings.skip), "--skip");
    if (settings.count) {
        add("$count", "true", "--count");
        add("$top", "0", "--count");
    }
    return options;
}

// Reads page after page of a list.
class Lister {
  public:
    Lister(net::HttpClient& client, const GetSettings& settings, std::uint64_t limit)
        : client_(client),
          path_(fmt::format("/{}", settings.display->collection->name)),
          options_(list_options(settings)),
          left_(limit) {}

    // False: that was all, or it failed (status() says so). Rows of `add`.
    template <typename Add>
    int read_all(Add add) {
        std::vector<QueryOption> first = options_;
        if (left_ != UINT64_MAX) {
            // One more than is shown tells whether there is more.
            first.push_back({"$top", fmt::to_string(left_ + (is_limited_by_us_ ? 1 : 0)), "--top"});
        }
        std::string target = target_of(path_, first);
        while (!target.empty()) {
            net::ClientRequest request{net::Method::kGet, std::move(target), {}, {}, false, {}};
            request.headers.add("Prefer", fmt::format("odata.maxpagesize={}", kPage));
            const auto page = fetch(client_, kCommand, request, options_);
            if (!page) return page.error();
            const auto* items = codec::array_member(*page, "items");
            if (items == nullptr) return fail_with(kCommand, "the server's answer is no list");
            for (const auto& item : *items) {
                if (!item.is_object()) continue;
                if (left_ == 0) {
                    more_ = true;
                    return kComplete;
                }
                if (left_ != UINT64_MAX) --left_;
                if (auto added = add(item.get_object()); !added)
                    return fail_with(kCommand, added.error());
            }
            target = next_target(path_, codec::text_member(*page, "@odata.nextLink"));
        }
        return kComplete;
    }

    void limited_by_us() { is_limited_by_us_ = true; }
    bool more() const { return more_; }

  private:
    net::HttpClient& client_;
    std::string path_;
    std::vector<QueryOption> options_;
    std::uint64_t left_;
    bool is_limited_by_us_ = false;
    bool more_ = false;
};

int get_list(net::HttpClient& client, const GetSettings& settings, ObjectWriter& writer) {
    const bool limit_table =
        settings.format == OutputFormat::kTable && !settings.all && !settings.top;
    Lister lister(client, settings,
                  settings.top  ? *settings.top
                  : limit_table ? kTableLimit
                                : UINT64_MAX);
    if (limit_table) lister.limited_by_us();
    std::uint64_t shown = 0;
    const int status = lister.read_all([&](const boost::json::object& object) {
        ++shown;
        return writer.add(object);
    });
    if (auto done = writer.finish(); !done) return fail_with(kCommand, done.error());
    if (status != kComplete) return status;
    if (shown == 0 && settings.format == OutputFormat::kTable) {
        tell("no {} found\n", settings.display->collection->name);
    }
    if (lister.more()) {
        tell(
            "The first {} are shown; --all shows the rest, --filter and --orderby say which come "
            "first.\n",
            grouped(shown));
    }
    return kComplete;
}

int get_count(net::HttpClient& client, const GetSettings& settings) {
    const auto options = list_options(settings);
    const std::string path = fmt::format("/{}", settings.display->collection->name);
    const auto answer =
        fetch(client, kCommand, {net::Method::kGet, target_of(path, options), {}, {}, false, {}},
              options);
    if (!answer) return answer.error();
    const auto* count = answer->if_contains("count");
    if (count == nullptr || !count->is_int64()) {
        return fail_with(kCommand, "the server's answer has no count");
    }
    const auto written = write_out(fmt::format("{}\n", count->get_int64()));
    return written ? kComplete : fail_with(kCommand, written.error());
}

int get_items(net::HttpClient& client, const GetSettings& settings, ObjectWriter& writer) {
    const auto options = item_options(settings);
    int status = kComplete;
    for (const std::string& id : settings.ids) {
        const std::string path =
            fmt::format("/{}/{}", settings.display->collection->name, escape_segment(id));
        const auto item =
            fetch(client, kCommand,
                  {net::Method::kGet, target_of(path, options), {}, {}, false, {}}, options);
        if (!item) {
            status = item.error();  // the others are shown all the same
            continue;
        }
        if (auto added = writer.add(*item); !added) return fail_with(kCommand, added.error());
    }
    if (auto done = writer.finish(); !done) return fail_with(kCommand, done.error());
    return status;
}

}  // namespace

int run_get(net::HttpClient& client, const GetSettings& settings) {
    if (settings.count) return get_count(client, settings);
    const auto writer = make_object_writer({settings.format, settings.display, settings.select,
                                            !settings.apply.empty(), settings.ids.size() != 1});
    return settings.ids.empty() ? get_list(client, settings, *writer)
                                : get_items(client, settings, *writer);
}

}  // namespace vmsecurity::cli
