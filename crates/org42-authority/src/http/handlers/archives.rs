//! The handlers for archives and cold storage.

use axum::extract::State;
use org42_types::endpoints;

use crate::domain::TenantRefusal;
use crate::http::access::{App, Listed};
use crate::http::answer::V1;
use crate::http::dto::archives::{ArchivePage, ColdStoragePage};
use crate::http::dto::queries::ArchivesQuery;
use crate::http::error_reply::ErrorReply;
use crate::http::listing::{List, Listing, Rows};
use crate::http::query::Query;
use crate::service::ArchiveView;

crate::http::table::routes! {
    endpoints {
        ARCHIVE_LIST => list,
        COLD_STORAGE_LIST => cold_storage,
    }
}

/// Returns a list of archives, as rows of one kind.
async fn rows<R: From<ArchiveView>>(
    app: &App,
    caller: Listed,
    asked: &ArchivesQuery,
    cold_only: bool,
) -> Result<(List, Rows<R>), TenantRefusal> {
    let mut query = asked.query(&app.fidelity(), cold_only);
    let tenant = caller.within(&mut query.under).await?;
    Ok(List::of(move |see| {
        tenant
            .read()
            .each_archive(&query, &mut |view| see(R::from(view)))
    }))
}

fn unknown_org(refusal: ErrorReply) -> ErrorReply {
    refusal.unknown_filter("Organization was not found")
}

pub(in crate::http) async fn list(
    State(app): State<App>,
    caller: Listed,
    asked: Query<ArchivesQuery>,
) -> Result<Listing<V1<ArchivePage>>, ErrorReply> {
    let (list, archives) = rows(&app, caller, &asked, false).await?;
    let page = ArchivePage {
        archives,
        total_count: list.total(),
    };
    let page = V1::new(&app, &asked.params, page);
    list.answer(&app.lanes.scans, page)
        .await
        .map_err(unknown_org)
}

pub(in crate::http) async fn cold_storage(
    State(app): State<App>,
    caller: Listed,
    asked: Query<ArchivesQuery>,
) -> Result<Listing<V1<ColdStoragePage>>, ErrorReply> {
    let (list, cold_storage_rows) = rows(&app, caller, &asked, true).await?;
    let page = ColdStoragePage {
        cold_storage_rows,
        total_count: list.total(),
    };
    let page = V1::new(&app, &asked.params, page);
    list.answer(&app.lanes.scans, page)
        .await
        .map_err(unknown_org)
}
