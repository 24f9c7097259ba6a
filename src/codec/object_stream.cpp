#include "codec/object_stream.h"

#include <fmt/format.h>

#include <optional>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

namespace vmsecurity::codec {

namespace json = boost::json;

namespace {

// The events of boost::json::basic_parser, put together to values below the top level.
class Handler {
  public:
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    Handler(std::set<std::string, std::less<>> streamed, ObjectStream::Visitor visitor,
            std::size_t max_value_bytes)
        : streamed_(std::move(streamed)),
          visitor_(std::move(visitor)),
          max_value_bytes_(max_value_bytes) {}

    const std::optional<base::Error>& failure() const { return failure_; }
    // Bytes that were read since a value began; what is not in a value does not count.
    bool count(std::size_t bytes) {
        if (building_) value_bytes_ += bytes;
        return value_bytes_ <= max_value_bytes_;
    }

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) {
        if (depth_ == 0) {
            ++depth_;
            return true;
        }
        begin_value();
        ++depth_;
        return true;
    }
    bool on_object_end(std::size_t size, json::error_code&) {
        --depth_;
        if (depth_ == 0) return true;
        stack_.push_object(size);
        return end_value();
    }
    bool on_array_begin(json::error_code&) {
        if (depth_ == 0) return refuse("the body has to be a JSON object, not an array");
        if (depth_ == 1 && streamed_.contains(member_)) {
            in_streamed_ = true;
            ++depth_;
            return !visitor_.array || keep(visitor_.array(member_));
        }
        begin_value();
        ++depth_;
        return true;
    }
    bool on_array_end(std::size_t size, json::error_code&) {
        --depth_;
        if (depth_ == 1 && in_streamed_) {
            in_streamed_ = false;
            return true;
        }
        stack_.push_array(size);
        return end_value();
    }
    bool on_key_part(json::string_view text, std::size_t, json::error_code&) {
        if (depth_ == 1) {
            key_.append(text.data(), text.size());
        } else {
            stack_.push_chars(text);
        }
        return true;
    }
    bool on_key(json::string_view text, std::size_t, json::error_code&) {
        if (depth_ == 1) {
            key_.append(text.data(), text.size());
            member_ = std::exchange(key_, {});
        } else {
            stack_.push_key(text);
        }
        return true;
    }
    bool on_string_part(json::string_view text, std::size_t, json::error_code&) {
        if (!begin_scalar()) return false;
        stack_.push_chars(text);
        return true;
    }
    bool on_string(json::string_view text, std::size_t, json::error_code&) {
        if (!begin_scalar()) return false;
        stack_.push_string(text);
        return end_value();
    }
    bool on_number_part(json::string_view, json::error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
        if (!begin_scalar()) return false;
        stack_.push_int64(number);
        return end_value();
    }
    bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) {
        if (!begin_scalar()) return false;
        stack_.push_uint64(number);
        return end_value();
    }
    bool on_double(double number, json::string_view, json::error_code&) {
        if (!begin_scalar()) return false;
        stack_.push_double(number);
        return end_value();
    }
    bool on_bool(bool truth, json::error_code&) {
        if (!begin_scalar()) return false;
        stack_.push_bool(truth);
        return end_value();
    }
    bool on_null(json::error_code&) {
        if (!begin_scalar()) return false;
        stack_.push_null();
        return end_value();
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

  private:
    std::size_t value_depth() const { return in_streamed_ ? 2 : 1; }

    void begin_value() {
        if (building_) return;
        building_ = true;
        value_bytes_ = 0;
        stack_.reset();
    }

    bool begin_scalar() {
        if (depth_ == 0) return refuse("the body has to be a JSON object");
        begin_value();
        return true;
    }

    bool end_value() {
        if (depth_ != value_depth()) return true;
        building_ = false;
        value_bytes_ = 0;
        return keep(in_streamed_ ? visitor_.element(member_, stack_.release())
                                 : visitor_.member(member_, stack_.release()));
    }

    bool keep(base::Result<void> done) {
        if (done) return true;
        failure_ = std::move(done.error());
        return false;
    }

    bool refuse(std::string message) {
        failure_ = base::Error{base::ErrorCode::kCorrupt, std::move(message), {}, {}};
        return false;
    }

    std::set<std::string, std::less<>> streamed_;
    ObjectStream::Visitor visitor_;
    std::size_t max_value_bytes_;
    json::value_stack stack_;
    std::size_t depth_ = 0;
    std::size_t value_bytes_ = 0;
    bool building_ = false;
    bool in_streamed_ = false;
    std::string key_;
    std::string member_;
    std::optional<base::Error> failure_;
};

json::parse_options options_of(std::size_t max_depth) {
    json::parse_options options;
    options.max_depth = max_depth;
    return options;
}

}  // namespace

struct ObjectStream::State {
    json::basic_parser<Handler> parser;
    std::uint64_t offset = 0;

    base::Result<void> write(std::string_view bytes, bool more) {
        // In pieces, so that a value that is too large is noticed while it is read.
        constexpr std::size_t kPiece = 64U << 10U;
        do {
            const std::string_view piece = bytes.substr(0, kPiece);
            bytes.remove_prefix(piece.size());
            json::error_code error;
            const std::size_t used =
                parser.write_some(more || !bytes.empty(), piece.data(), piece.size(), error);
            const auto& failure = parser.handler().failure();
            if (failure) return base::fail(*failure);
            if (error || used < piece.size()) {
                return base::fail(
                    base::ErrorCode::kCorrupt,
                    fmt::format("no JSON from byte {} on: {}", offset + used,
                                error ? error.message() : "the object has ended before"));
            }
            offset += used;
            if (!parser.handler().count(used)) {
                return base::fail(base::ErrorCode::kLimitExceeded,
                                  fmt::format("one value before byte {} is too large", offset));
            }
        } while (!bytes.empty());
        return {};
    }
};

ObjectStream::ObjectStream(std::set<std::string, std::less<>> streamed, Visitor visitor,
                           std::size_t max_value_bytes, std::size_t max_depth)
    : state_(new State{json::basic_parser<Handler>(options_of(max_depth), std::move(streamed),
                                                   std::move(visitor), max_value_bytes),
                       0}) {}

ObjectStream::~ObjectStream() = default;

base::Result<void> ObjectStream::write(std::string_view bytes) {
    return bytes.empty() ? base::Result<void>{} : state_->write(bytes, true);
}

base::Result<void> ObjectStream::finish() {
    return state_->write({}, false);
}

}  // namespace vmsecurity::codec
