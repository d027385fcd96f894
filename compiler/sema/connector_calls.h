// Connectors, formats and actions as written, checked against the catalogue.
#pragma once

#include "compiler/catalog/connectors.h"
#include "compiler/sema/context.h"

namespace streamc::sema {

// `row`: columns that a sink's target text may use (`kafka("alerts.{team}")`); null: none.
typed::ConnectorCall CheckConnector(Context& context, const ast::Call& call, catalog::Side side, const Flow* row);
typed::FormatCall CheckFormat(Context& context, const std::optional<ast::Call>& call);

}  // namespace streamc::sema
