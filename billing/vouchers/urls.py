"""Pages of vouchers: an organisation's own, and the platform operator's."""

from django.urls import path

from billing.vouchers.views import applications, checks, claims, mine, programmes

app_name = "vouchers"
urlpatterns = [
    path("my/vouchers/", mine.mine, name="mine"),
    path("my/vouchers/affiliates/", mine.affiliates, name="affiliates"),
    path("my/vouchers/affiliates/<int:pk>/end/", mine.end_affiliation, name="end_affiliation"),
    path("my/vouchers/applications/<int:pk>/withdraw/", mine.withdraw, name="withdraw"),
    path("my/vouchers/apply/<str:code>/", mine.apply, name="apply"),
    path("ops/vouchers/", programmes.programmes, name="programmes"),
    path("ops/vouchers/new/", programmes.add, name="add"),
    path("ops/vouchers/applications/", applications.applications, name="applications"),
    path("ops/vouchers/applications/<int:pk>/", applications.decide, name="decide"),
    path("ops/vouchers/claims/", claims.claims, name="claims"),
    path("ops/vouchers/claims/<str:number>/", claims.claim, name="claim"),
    path("ops/vouchers/claims/<str:number>/submit/", claims.submit, name="submit"),
    path("ops/vouchers/claims/<str:number>/drop/", claims.drop, name="drop"),
    path("ops/vouchers/claims/<str:number>/reimburse/", claims.reimburse, name="reimburse"),
    path("ops/vouchers/claims/<str:number>/refuse/", claims.refuse, name="refuse"),
    path("ops/vouchers/claims/<str:number>/evidence/", claims.pack, name="evidence"),
    path("ops/vouchers/checks/", checks.checks, name="checks"),
    path("ops/vouchers/checks/<int:pk>/", checks.decide, name="check"),
    path("ops/vouchers/affiliations/", checks.affiliations, name="affiliations"),
    path("ops/vouchers/affiliations/<int:pk>/end/", checks.part, name="part"),
    path("ops/vouchers/programmes/<str:code>/", programmes.programme, name="programme"),
    path("ops/vouchers/programmes/<str:code>/edit/", programmes.edit, name="edit"),
    path("ops/vouchers/programmes/<str:code>/state/", programmes.set_state, name="state"),
    path("ops/vouchers/programmes/<str:code>/grants/new/", programmes.issue, name="issue"),
    path("ops/vouchers/programmes/<str:code>/claim/", claims.prepare, name="prepare"),
]
