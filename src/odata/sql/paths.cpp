#include "odata/sql/paths.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace vmsecurity::odata::sql {
namespace {

constexpr int kMemberWeight = 12;  // of a word
constexpr int kTextWeight = 26;    // with the U+0000 taken out
constexpr int kTimeWeight = 30;

bool holds(schema::ColumnType type, Basis basis) {
    switch (basis) {
        case Basis::kBoolean:
            return type == schema::ColumnType::kBoolean;
        case Basis::kInteger:
            return type == schema::ColumnType::kInteger;
        case Basis::kReal:
            return type == schema::ColumnType::kReal || type == schema::ColumnType::kInteger;
        case Basis::kText:
            return type == schema::ColumnType::kText;
        case Basis::kTime:
            return type == schema::ColumnType::kTime;
        case Basis::kRank:
            return type == schema::ColumnType::kRank;
    }
    return false;
}

}  // namespace

std::string in_quotes(std::string_view text) {
    std::string made = "'";
    for (const char c : text) {
        if (c == '\'') made += c;
        made += c;
    }
    return made + '\'';
}

// U+0000 is taken as U+FFFD, as columns and evaluate() have it: PostgreSQL fails any statement that
// looks into a JSON with \u0000, and SQLite's text functions stop there. U+0001, which no JSON text
// holds, keeps the place of escaped backslashes meanwhile.
std::string PathWriter::source(const Anchor& anchor, bool text) const {
    if (anchor.element) return anchor.alias + ".value";  // of an array that was cleaned whole
    const std::string document = anchor.alias + ".document";
    const bool sqlite = dialect_ == Dialect::kSqlite;
    if (sqlite && !text) return document;
    // Hardly any document holds it, and one search costs less than three replacements.
    return fmt::format(
        R"((CASE WHEN {1}({0},'\u0000') = 0 THEN {0} ELSE )"
        R"(replace(replace(replace({0},'\\',{2}(1)),'\u0000',{2}(65533)),{2}(1),'\\') END){3})",
        document, sqlite ? "instr" : "strpos", sqlite ? "char" : "chr", sqlite ? "" : "::json");
}

std::string PathWriter::member(const Leg& leg, const Anchor& anchor, Form form,
                               std::string_view last) const {
    std::vector<std::string_view> names = leg.names;
    if (!last.empty()) names.push_back(last);
    const std::string json = source(anchor, form != Form::kWord);
    if (dialect_ == Dialect::kSqlite) {
        // json_each has taken the quotes off already.
        if (names.empty()) return json;
        const std::string path = in_quotes(fmt::format("$.{}", fmt::join(names, ".")));
        if (form != Form::kJson) return fmt::format("json_extract({},{})", json, path);
        return fmt::format("nullif({} -> {},'null')", json, path);
    }
    const std::string path = in_quotes(fmt::format("{{{}}}", fmt::join(names, ",")));
    return fmt::format("({} {} {})", json, form == Form::kJson ? "#>" : "#>>", path);
}

Fragment PathWriter::guarded(const Leg& leg, const Anchor& anchor, Fragment value) const {
    for (const Guard& guard : leg.guards) {
        const Leg discriminator{leg.collection, guard.discriminator, nullptr, {}};
        std::vector<std::string> values;
        for (const std::string_view one : guard.values) values.push_back(in_quotes(one));
        value = compose(
            "CASE WHEN {} IN (" + fmt::format("{}", fmt::join(values, ",")) + ") THEN {} END",
            {atom(member(discriminator, anchor, Form::kWord), kMemberWeight), value});
    }
    return value;
}

Fragment PathWriter::nanoseconds(const std::string& text) const {
    const std::string_view collate = dialect_ == Dialect::kSqlite ? "" : " COLLATE \"C\"";
    // The seconds by the database's calendar, the digits behind them by hand.
    const std::string seconds =
        dialect_ == Dialect::kSqlite
            ? fmt::format("CAST(strftime('%s',substr({},1,19)) AS INTEGER)", text)
            : fmt::format("extract(epoch FROM substr({},1,19)::timestamp)::bigint", text);
    const std::string digits =
        fmt::format("CAST(substr(rtrim(substr({},21),'Z') || '000000000',1,9) AS {})", text,
                    dialect_ == Dialect::kSqlite ? "INTEGER" : "bigint");
    return atom(fmt::format("CASE WHEN {0}{1} < '{2}' THEN -9223372036854775807-1 WHEN {0}{1} >= "
                            "'{3}' THEN 9223372036854775807 ELSE {4} * 1000000000 + {5} END",
                            text, collate, kFirstExactDay, kFirstDayBeyond, seconds, digits),
                kTimeWeight);
}

Fragment PathWriter::rank(const Vocabulary& words, Fragment word) {
    std::string cases;
    std::int64_t rank = 0;
    for (const auto& group : words.groups) {
        for (const std::string_view one : group) {
            cases += fmt::format(" WHEN {} THEN {}", in_quotes(one), rank++);
        }
    }
    Fragment made = compose("CASE {}", {word});
    made.text += cases + " END";
    made.weight += 5;
    return made;
}

Fragment PathWriter::word(const Vocabulary& words, Fragment rank) {
    std::string cases;
    std::int64_t next = 0;
    for (const auto& group : words.groups) {
        for (const std::string_view one : group) {
            cases += fmt::format(" WHEN {} THEN {}", next++, in_quotes(one));
        }
    }
    Fragment made = compose("CASE {}", {rank});
    made.text += cases + " END";
    made.weight += 5;
    return made;
}

Fragment PathWriter::typed(const BoundPath& path, const Leg& leg, const Anchor& anchor,
                           Basis basis) const {
    if (leg.column != nullptr && !anchor.element && holds(leg.column->type, basis)) {
        return atom(fmt::format("{}.{}", anchor.alias, leg.column->name));
    }
    const bool is_text = basis == Basis::kText;
    const std::string text = member(leg, anchor, is_text ? Form::kText : Form::kWord);
    const Fragment plain = atom(text, is_text ? kTextWeight : kMemberWeight);
    const bool sqlite = dialect_ == Dialect::kSqlite;
    Fragment made;
    switch (basis) {
        case Basis::kText:
            made = sqlite ? plain : compose("({} COLLATE \"C\")", {plain});
            break;
        case Basis::kRank:
            made = rank(*path.vocabulary, plain);
            break;
        case Basis::kTime:
            // Each mention would read the document again.
            made = derive(dialect_, nanoseconds("p").text, {plain});
            made.weight = std::max(made.weight, kTimeWeight);
            break;
        case Basis::kBoolean:
            made = sqlite ? plain : compose("{}::boolean", {plain});
            break;
        case Basis::kInteger:
            made = sqlite ? plain : compose("{}::bigint", {plain});
            break;
        case Basis::kReal:
            made = sqlite ? compose("CAST({} AS REAL)", {plain})
                          : compose("{}::double precision", {plain});
            break;
    }
    return guarded(leg, anchor, std::move(made));
}

Fragment PathWriter::reference(const Leg& leg, const Anchor& anchor) {
    if (leg.column != nullptr && !anchor.element) {
        return atom(fmt::format("{}.{}", anchor.alias, leg.column->name));
    }
    return guarded(leg, anchor, atom(member(leg, anchor, Form::kWord, "id"), kMemberWeight));
}

template <typename Last>
Fragment PathWriter::through(std::span<const Leg> legs, const Anchor& anchor, const Last& last) {
    if (legs.size() == 1) return last(legs.front(), anchor);
    const Anchor next{fresh_alias(), false};
    const Fragment inner = through(legs.subspan(1), next, last);
    const std::string from = fmt::format(" FROM {} AS {} WHERE {}.id = ", legs[1].collection->table,
                                         next.alias, next.alias);
    return compose("(SELECT {}" + from + "{})", {inner, reference(legs.front(), anchor)});
}

Fragment PathWriter::value(const BoundPath& path, std::span<const Leg> legs, const Anchor& anchor,
                           Basis basis) {
    return through(legs, anchor,
                   [&](const Leg& leg, const Anchor& at) { return typed(path, leg, at, basis); });
}

Fragment PathWriter::presence(const BoundPath& /*path*/, std::span<const Leg> legs,
                              const Anchor& anchor) {
    return through(legs, anchor, [&](const Leg& leg, const Anchor& at) {
        if (leg.column != nullptr && !at.element) {
            return atom(fmt::format("{}.{}", at.alias, leg.column->name));
        }
        return guarded(leg, at, atom(member(leg, at, Form::kWord), kMemberWeight));
    });
}

Fragment PathWriter::json_text(const BoundPath& /*path*/, std::span<const Leg> legs,
                               const Anchor& anchor) {
    return through(legs, anchor, [&](const Leg& leg, const Anchor& at) {
        std::string text = member(leg, at, Form::kJson);
        if (dialect_ == Dialect::kPostgres) text = fmt::format("nullif({}::text,'null')", text);
        return guarded(leg, at, atom(std::move(text), kTextWeight + 4));
    });
}

Fragment PathWriter::array(std::span<const Leg> legs, const Anchor& anchor) {
    return through(legs, anchor, [&](const Leg& leg, const Anchor& at) {
        if (dialect_ == Dialect::kSqlite) {
            return guarded(leg, at, atom(member(leg, at, Form::kText), kTextWeight));
        }
        const std::string json = member(leg, at, Form::kJson);
        return guarded(leg, at,
                       atom(fmt::format("CASE WHEN json_typeof({0}) = 'array' THEN {0} END", json),
                            kTextWeight));
    });
}

Fragment PathWriter::elements(const BoundPath& /*path*/, std::span<const Leg> legs,
                              const Anchor& anchor, const std::string& alias) {
    const Fragment all = array(legs, anchor);
    if (dialect_ == Dialect::kSqlite) return compose("json_each({}) AS " + alias, {all});
    return compose("json_array_elements({}) AS " + alias + "(value)", {all});
}

Fragment PathWriter::count(const BoundPath& /*path*/, std::span<const Leg> legs,
                           const Anchor& anchor) {
    return compose("coalesce(json_array_length({}),0)", {array(legs, anchor)});
}

}  // namespace vmsecurity::odata::sql
