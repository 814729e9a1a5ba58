-- Plain counts of each number in the period (1) and the period before (0).
--   $calls  the call table    $own   condition: own calls of both periods    $since  first moment of the period
with files as (
  -- What is known must not hang on how one call ended: a file that is blind in one call counts as blind in all, and a
  -- file that shows the attestation of any own call would have shown it of all.
  select
    coalesce(calls.source, '') as source,
    coalesce(calls.file, '') as file,
    max(case when position(' code ' in ' ' || coalesce(calls.blind_to, '') || ' ') > 0 then 1 else 0 end) as no_code,
    max(case when position(' reason ' in ' ' || coalesce(calls.blind_to, '') || ' ') > 0 then 1 else 0 end)
      as no_reason,
    max(case when calls.attestation in ('A', 'B', 'C') then 1 else 0 end) as attested
  from $calls calls
  where $own
  group by coalesce(calls.source, ''), coalesce(calls.file, '')
),
seen as (
  select
    calls.caller as number,
    case when calls.at >= $since then 1 else 0 end as period,
    coalesce(calls.callee, '') as callee,
    coalesce(calls.carrier, '') as carrier,
    coalesce(calls.verdict, '') as verdict,
    coalesce(calls.final_code, 0) as code,
    coalesce(calls.outcome, '') as outcome,
    coalesce(calls.attestation, '') as attestation,
    coalesce(calls.provider_code, '') as provider_code,
    calls.cancel_ms as cancel_ms,
    case when calls.ring_ms between 0 and 2678400000 then calls.ring_ms end as ring_ms,
    -- A duration below zero or of more than 31 days is the fault of a clock.
    case when calls.talk_ms between 0 and 2678400000 then calls.talk_ms end as talk_ms,
    files.no_code = 0 as knows_code,
    files.no_reason = 0 as knows_reason,
    files.attested = 1 as knows_attestation,
    position(' ringing ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0 as knows_ringing,
    position(' refusals ' in ' ' || coalesce(calls.blind_to, '') || ' ') = 0 as knows_refusals
  from $calls calls
  join files on coalesce(calls.source, '') = files.source and coalesce(calls.file, '') = files.file
  where $own
),
flagged as (
  select
    *,
    verdict = 'answered' or code between 200 and 299 or (code = 0 and outcome = 'answered') as answered,
    verdict not in ('', 'incomplete') and knows_refusals as settled,
    callee <> '' and position('xxxx' in callee) = 0 as named
  from seen
)
select
  number,
  period,
  count(*) as calls,
  count(case when knows_refusals then 1 end) as complete,
  count(case when settled then 1 end) as settled,
  count(case when settled and answered then 1 end) as answered,
  count(case when settled and verdict = 'abandoned' then 1 end) as abandoned,
  count(case when settled and verdict = 'bad_number' then 1 end) as unassigned,
  count(distinct case when settled and verdict = 'bad_number' and named then callee end) as unassigned_callees,
  count(case when answered then 1 end) as any_answered,
  count(case when answered and talk_ms is not null then 1 end) as talked,
  cast(sum(case when answered then talk_ms end) as double) as talk_ms,
  count(case when answered and talk_ms <= 6000 then 1 end) as short_6,
  count(case when answered and talk_ms < 10000 then 1 end) as short_10,
  count(case when settled and knows_code then 1 end) as coded,
  count(case when settled and knows_code and code = 480 then 1 end) as unavailable,
  count(case when settled and (knows_code or knows_reason) then 1 end) as screened,
  count(case when verdict = 'network_blocked' then 1 end) as blocked,
  count(distinct case when verdict = 'network_blocked' and carrier <> '' then carrier end) as blocking_carriers,
  count(case when verdict = 'unwanted' then 1 end) as unwanted,
  count(case when not answered and (cancel_ms is not null or code = 487 or outcome = 'cancelled') then 1 end)
    as given_up,
  count(case when not answered and (cancel_ms is not null or code = 487 or outcome = 'cancelled') and knows_ringing
    then ring_ms end) as given_up_rung,
  percentile_cont(cast('0.5' as double)) within group (order by
    case when not answered and (cancel_ms is not null or code = 487 or outcome = 'cancelled') and knows_ringing
      then ring_ms end) as ring_ms,
  count(case when knows_attestation then 1 end) as attestable,
  count(case when knows_attestation and attestation = 'A' then 1 end) as attested_a,
  count(case when knows_attestation and attestation = 'B' then 1 end) as attested_b,
  count(case when knows_attestation and attestation = 'C' then 1 end) as attested_c,
  count(case when named then 1 end) as named,
  count(case when provider_code = 'D35' then 1 end) as refused_caller
from flagged
group by number, period
order by number, period
