package nl.eropaf.bench;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import nl.eropaf.ConsentOffer;
import nl.eropaf.EndedBy;
import nl.eropaf.HouseholdEvent;
import nl.eropaf.HouseholdRisk;
import nl.eropaf.HouseholdRow;
import nl.eropaf.Position;
import nl.eropaf.Signal;
import nl.eropaf.SignalKind;

/**
 * Hop 1: what a creditor's signal makes of a household, by the rules of risk/household.py,
 * risk/life.py and risk/lawful.py. What no signal brings about (outcomes, objections, a worker's
 * overrule, the passing of time) is not here, because no event of the benchmark asks for it.
 */
final class Risk {
  static final long DAY_MS = 24L * 60 * 60 * 1000;
  private static final int MONTHS_KEPT = 25;

  private final Policy policy;

  Risk(Policy policy) {
    this.policy = policy;
  }

  /** The row after an event, and the risk that it comes to. */
  record Folded(HouseholdRow row, HouseholdRisk risk) {}

  /** Gives what follows from `event`, or null where it says nothing new. */
  Folded fold(HouseholdRow row, HouseholdEvent event) {
    Signal signal = event.getSignal();
    boolean lawful = isLawful(signal);
    List<Position> before = row == null ? List.of() : row.getPositions();
    Position said =
        lawful ? Positions.of(signal) : Positions.closed(signal, SignalKind.WITHDRAWN);
    List<Position> positions = Positions.with(before, said);
    List<Integer> known = row == null ? List.of() : row.getMonths();
    List<Integer> months = known;
    if (asks(signal) && lawful) {
      months = withMonth(known, monthOf(signal.getReportedAt()));
    }
    if (row != null && positions == before && months == known) {
      return null;
    }
    HouseholdRow after = new HouseholdRow();
    after.setAddress(row == null ? event.getAddress() : row.getAddress());
    after.setAt(row == null ? event.getAt() : Math.max(row.getAt(), event.getAt()));
    after.setSequence(row == null ? 1 : row.getSequence() + 1);
    after.setPositions(positions);
    after.setMonths(months);
    after.setOutcomes(List.of());
    after.setMinorChildren(List.of());
    after.setPolicyVersion(policy.version);
    int today = (int) Math.floorDiv(after.getAt(), DAY_MS);
    Score score = new Score(positions, months, today, policy);
    after.setSettleOn(settleOn(row, score, today));
    after.setDueOn(nextDay(after, score, today));
    return new Folded(after, risk(after, event.getHousehold(), score));
  }

  private HouseholdRisk risk(HouseholdRow row, String household, Score score) {
    HouseholdRisk risk = new HouseholdRisk();
    risk.setHousehold(household);
    risk.setSequence(row.getSequence());
    risk.setAddress(row.getAddress());
    risk.setScore((int) score.points);
    risk.setOpenPositions(score.open);
    risk.setCreditors(score.creditors);
    risk.setMonthsBehind((int) score.behind);
    risk.setThreatening(score.threatening);
    risk.setCrisisOn(score.crisisOn);
    risk.setEndedBy(score.open > 0 ? EndedBy.OPEN : endedBy(row));
    risk.setPolicyVersion(policy.version);
    risk.setAt(row.getAt());
    return risk;
  }

  private static boolean asks(Signal signal) {
    return switch (signal.getKind()) {
      case REPORTED, CHANGED, PLAN_BROKEN -> true;
      default -> false;
    };
  }

  private boolean isLawful(Signal signal) {
    var effort = signal.getOwnEffort();
    if (effort != null && effort.getOffer() == ConsentOffer.REFUSED) {
      return false;
    }
    if (!asks(signal)) {
      return true;
    }
    Policy.Partner rules = policy.partners.get(signal.getPartnerType());
    if (!rules.accepted() || effort == null && !policy.ownEffortMayBeUnsaid) {
      return false;
    }
    if (signal.getArrearsSince() == null) {
      return true;
    }
    long days = Math.floorDiv(signal.getReportedAt(), DAY_MS) - signal.getArrearsSince();
    boolean early = days < rules.fromDays() && signal.getCrisis() == null;
    return !early && (rules.toDays() == null || days <= rules.toDays());
  }

  /** Gives the month of a moment, counted from January 1970. */
  private static int monthOf(long at) {
    LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(at, DAY_MS));
    return (day.getYear() - 1970) * 12 + day.getMonthValue() - 1;
  }

  private static List<Integer> withMonth(List<Integer> months, int month) {
    if (months.contains(month)) {
      return months;
    }
    List<Integer> changed = new ArrayList<>(months);
    changed.add(month);
    Collections.sort(changed);
    int surplus = Math.max(0, changed.size() - MONTHS_KEPT);
    List<Integer> kept = changed.subList(surplus, changed.size());
    return kept.equals(months) ? months : kept;
  }

  private Integer settleOn(HouseholdRow before, Score score, int today) {
    if (score.open > 0 && policy.daysBetweenLowerings > 0) {
      return today + policy.daysBetweenLowerings;
    }
    Integer known = before == null ? null : before.getSettleOn();
    return known != null && known > today ? known : null;
  }

  /** Gives the next day after `today` on which time alone changes something. */
  private Integer nextDay(HouseholdRow row, Score score, int today) {
    int last = (int) Math.floorDiv(row.getAt(), DAY_MS);
    int next = Math.max(goneBy(row, last), today + 1);
    if (score.crisisOn != null) {
      for (Policy.Step step : policy.nearness) {
        int day = score.crisisOn - step.withinDays();
        next = day > today ? Math.min(next, day) : next;
      }
    }
    Integer settle = row.getSettleOn();
    return settle != null && settle > today ? Math.min(next, settle) : next;
  }

  private int goneBy(HouseholdRow row, int last) {
    boolean withdrawn = true;
    for (Position position : row.getPositions()) {
      if (Positions.isOpen(position)) {
        return last + policy.silentDays;
      }
      withdrawn &= position.getKind() == SignalKind.WITHDRAWN;
    }
    return last + (withdrawn ? policy.withdrawnDays : policy.paidDays);
  }

  private static EndedBy endedBy(HouseholdRow row) {
    Position last = row.getPositions().get(0);
    for (Position position : row.getPositions()) {
      int order = Long.compare(position.getReportedAt(), last.getReportedAt());
      if (order == 0) {
        order = Positions.compareAge(position, last);
      }
      last = order > 0 ? position : last;
    }
    return last.getKind() == SignalKind.WITHDRAWN ? EndedBy.WITHDRAWN : EndedBy.PAID;
  }
}
