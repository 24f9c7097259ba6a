#include <fmt/format.h>

#include "bench/api/http_connection.h"
#include "bench/api/session.h"
#include "bench/measure.h"
#include "codec/json.h"

namespace vmsecurity::bench {
namespace {

constexpr int kPages = 1000;
constexpr int kRuns = 100;
constexpr std::string_view kFirst =
    "/findings?$orderby=foundOn desc&$expand=asset"
    "&$filter=(findingInfo.objectType eq 'Vulnerability') and invalidatedOn eq null";

std::string page_request(std::string_view target) {
    return to_text({.target = target, .fields = "Prefer: odata.maxpagesize=50\r\n"});
}

base::Result<double> time_page(HttpConnection& connection, const std::string& request) {
    const Stopwatch watch;
    VMSECURITY_TRY(connection.exchange(request));
    return watch.milliseconds();
}

base::Result<void> measure(const Session& session) {
    VMSECURITY_ASSIGN(HttpConnection connection, HttpConnection::open(session.server.api()));
    const std::string first = page_request(escape_target(kFirst));
    std::string last = first;
    int pages = 1;
    const Stopwatch walk;
    for (; pages < kPages; ++pages) {
        VMSECURITY_ASSIGN(const HttpAnswer answer, connection.exchange(last));
        VMSECURITY_ASSIGN(const auto page, codec::parse_json(answer.body));
        const auto link = codec::text_member(page.as_object(), "@odata.nextLink");
        if (link.empty()) break;
        last = page_request(fmt::format("/{}", link));
    }
    const double each = walk.milliseconds() / pages;
    // In turns, so that what else the machine does meets both.
    std::vector<double> first_times;
    std::vector<double> last_times;
    for (int i = 0; i < kRuns; ++i) {
        VMSECURITY_ASSIGN(first_times.emplace_back(), time_page(connection, first));
        VMSECURITY_ASSIGN(last_times.emplace_back(), time_page(connection, last));
    }
    session.report.add({.name = "page 1, median", .measured = percentile(first_times, 0.5)});
    session.report.add({.name = fmt::format("page {}, median (goal: p95 of page 1)", pages),
                        .measured = percentile(last_times, 0.5),
                        .goal = percentile(first_times, 0.95)});
    session.report.add({.name = "each page on the way there, mean", .measured = each});
    return {};
}

}  // namespace

void measure_paging(const Session& session) {
    session.report.heading("pages of 50 vulnerabilities by $skiptoken");
    if (const auto done = measure(session); !done) {
        session.report.fail("paging", done.error().describe());
    }
}

}  // namespace vmsecurity::bench
