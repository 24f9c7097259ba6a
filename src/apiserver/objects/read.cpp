#include "apiserver/objects/read.h"

#include <fmt/format.h>

#include <algorithm>

#include "apiserver/access/row_access.h"
#include "apiserver/http/answer.h"
#include "apiserver/http/parameters.h"
#include "apiserver/objects/entity_tag.h"
#include "apiserver/objects/precondition.h"
#include "base/text.h"
#include "store/store.h"

namespace vmsecurity::apiserver {

namespace {

// RFC 3986 §2.3: what needs no escape in a query.
bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~$/,()'").find(c) != std::string_view::npos;
}

std::string escape_query(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        if (is_unreserved(c)) {
            escaped += c;
        } else {
            escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return escaped;
}

// Relative to the collection's parent, so that it holds at the root, below /api and behind a
// gateway (RFC 3986 §5.2).
std::string next_link(const Call& call, std::string_view skiptoken, std::size_t given) {
    std::string link(call.collection().name);
    char separator = '?';
    for (const net::QueryParameter& parameter : call.request.query) {
        if (parameter.name == "$skiptoken" || parameter.name == "$skip") continue;
        std::string value = parameter.value;
        if (parameter.name == "$top") {
            const auto top = base::parse_unsigned(value);
            value = fmt::to_string(top.value_or(given) -
                                   std::min<std::uint64_t>(given, top.value_or(given)));
        }
        link +=
            fmt::format("{}{}={}", separator, escape_query(parameter.name), escape_query(value));
        separator = '&';
    }
    link += fmt::format("{}$skiptoken={}", separator, escape_query(skiptoken));
    return link;
}

// The rows that the server gives at once: its own limit, or the client's wish
// (Prefer: odata.maxpagesize=50, OData 4.01 Part 1 §8.2.8.7).
std::uint64_t page_size(const Call& call) {
    std::uint64_t size = call.services.page_limit;
    const auto prefer = call.request.headers.find("Prefer");
    if (!prefer) return size;
    for (const std::string_view wish : base::split(*prefer, ',')) {
        const std::string_view trimmed = base::trim(wish);
        for (const std::string_view name : {"odata.maxpagesize=", "maxpagesize="}) {
            if (!trimmed.starts_with(name)) continue;
            const auto wanted = base::parse_unsigned(trimmed.substr(name.size()));
            if (wanted && *wanted > 0) size = size == 0 ? *wanted : std::min(size, *wanted);
        }
    }
    return size;
}

// An object that the sender may not see answers as one that is not there.
std::optional<net::Response> refuse_hidden(const Call& call) {
    if (!has_owners(call.collection())) return std::nullopt;
    const auto item =
        call.services.store.get(call.collection(), call.id(), call.request.deadline, true);
    if (!item) return refuse(item.error());
    const auto object = codec::parse_json(item->document);
    if (!object) return refuse(object.error());
    if (may_see(call.collection(), call.principal, object->as_object())) return std::nullopt;
    return check_precondition(call.collection(), call.id(), std::nullopt, std::nullopt);
}

}  // namespace

net::Response list_objects(const Call& call) {
    auto query = read_query(call.collection(), call.request);
    if (!query) return refuse(query.error());
    if (auto narrowed = restrict_query(call.collection(), call.principal, *query); !narrowed) {
        return refuse(narrowed.error());
    }
    const std::uint64_t page = page_size(call);
    const bool grouped = query->apply && query->apply->grouped;
    const bool paged = page > 0 && !grouped && (!query->options.top || *query->options.top > page);
    if (paged) query->options.top = page;
    const auto answer = call.services.store.list(call.collection(), *query, call.request.deadline);
    if (!answer) return refuse(answer.error());

    std::size_t size = 64;
    for (const std::string& item : answer->items) size += item.size() + 1;
    std::string body;
    body.reserve(size);
    body += '{';
    if (answer->count) body += fmt::format("\"count\":{},", *answer->count);
    body += "\"items\":[";
    for (std::size_t i = 0; i < answer->items.size(); ++i) {
        if (i > 0) body += ',';
        body += answer->items[i];
    }
    body += ']';
    if (answer->skiptoken && (paged || answer->page_limited)) {
        body += fmt::format(",\"@odata.nextLink\":\"{}\"",
                            next_link(call, *answer->skiptoken, answer->items.size()));
    }
    body += '}';
    net::Response response = json_answer(200, std::move(body));
    if (call.request.headers.find("Prefer") && page > 0) {
        response.headers.add("Preference-Applied", fmt::format("odata.maxpagesize={}", page));
    }
    return response;
}

net::Response get_object(const Call& call) {
    if (auto hidden = refuse_hidden(call)) return std::move(*hidden);
    if (has_projection(call.request)) {
        auto query = read_query(call.collection(), call.request);
        if (!query) return refuse(query.error());
        auto item =
            call.services.store.get(call.collection(), call.id(), *query, call.request.deadline);
        if (!item) return refuse(item.error());
        return json_answer(200, std::move(item->document));
    }
    auto item = call.services.store.get(call.collection(), call.id(), call.request.deadline);
    if (!item) return refuse(item.error());
    const std::string tag = entity_tag(call.collection(), *item);
    net::Response response;
    if (matches_entity_tag(call.request, tag)) {
        response.status = 304;
    } else {
        response = json_answer(200, std::move(item->document));
    }
    response.headers.set("ETag", tag);
    return response;
}

}  // namespace vmsecurity::apiserver
