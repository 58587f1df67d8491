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
    boolean barred = isRefused(signal);
    if (!barred && !isLawful(signal)) {
      return null;
    }
    List<Position> before = row == null ? List.of() : row.getPositions();
    Position said =
        barred ? Positions.closed(signal, SignalKind.WITHDRAWN) : Positions.of(signal);
    List<Position> positions = Positions.with(before, said);
    List<Integer> known = row == null ? List.of() : row.getMonths();
    List<Integer> months = known;
    if (asks(signal) && !barred) {
      months = withMonth(known, monthOf(policy.dayOf(signal.getReportedAt())));
    }
    if (row != null && positions == before && months == known && event.getAt() <= row.getAt()) {
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
    after.setObjectors(List.of());
    after.setHomes(List.of());
    after.setHomesSince(List.of());
    after.setObjectorsAt(List.of());
    after.setPolicyVersion(policy.version);
    int today = policy.dayOf(after.getAt());
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
    risk.setScore((int) Math.min(Integer.MAX_VALUE, score.points));
    risk.setOpenPositions(score.open);
    risk.setCreditors(score.creditors);
    risk.setMonthsBehind((int) Math.min(Integer.MAX_VALUE, score.behind));
    risk.setThreatening(score.threatening);
    risk.setCrisisOn(score.crisisOn);
    risk.setEndedBy(score.open > 0 ? EndedBy.OPEN : endedBy(row, policy.dayOf(row.getAt())));
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

  private static boolean isRefused(Signal signal) {
    var effort = signal.getOwnEffort();
    return effort != null && effort.getOffer() == ConsentOffer.REFUSED;
  }

  private boolean isLawful(Signal signal) {
    if (!asks(signal)) {
      return true;
    }
    Policy.Partner rules = policy.partners.get(signal.getPartnerType());
    int reportedOn = policy.dayOf(signal.getReportedAt());
    boolean ended = rules.groundUntil() != null && reportedOn > rules.groundUntil();
    var effort = signal.getOwnEffort();
    boolean unsaid = effort == null && !policy.ownEffortMayBeUnsaid;
    if (!rules.accepted() || !rules.grounded() || ended || unsaid) {
      return false;
    }
    boolean agreed = effort != null && effort.getOffer() == ConsentOffer.AGREED;
    if (signal.getArrearsSince() == null || agreed || signal.getHandoverWish()) {
      return true;
    }
    long days = reportedOn - signal.getArrearsSince();
    boolean early = days < rules.fromDays() && signal.getCrisis() == null;
    return !early && (rules.toDays() == null || days <= rules.toDays());
  }

  /** Gives the month of a day, counted from January 1970. */
  private static int monthOf(int on) {
    LocalDate day = LocalDate.ofEpochDay(on);
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
    int last = policy.dayOf(row.getAt());
    int next = Math.max(goneBy(row, last), today + 1);
    for (Position position : row.getPositions()) {
      next = Math.min(next, Math.max(keptUntil(position), today + 1));
      if (Positions.isOpen(position)) {
        next = sooner(next, Positions.staleOn(position, policy), today);
      }
      if (position.getCrisisOn() != null) {
        next = sooner(next, position.getCrisisOn() + 1, today);
      }
    }
    if (score.crisisOn != null) {
      for (Policy.Step step : policy.nearness) {
        next = sooner(next, score.crisisOn - step.withinDays(), today);
      }
    }
    Integer settle = row.getSettleOn();
    return settle == null ? next : sooner(next, settle, today);
  }

  private static int sooner(int next, int day, int today) {
    return day > today ? Math.min(next, day) : next;
  }

  private int keptUntil(Position position) {
    int saidOn = policy.dayOf(position.getReportedAt());
    if (Positions.isOpen(position)) {
      int validDays = policy.partners.get(position.getPartnerType()).validDays();
      return saidOn + Math.max(policy.silentDays, validDays);
    }
    boolean withdrawn = position.getKind() == SignalKind.WITHDRAWN;
    return saidOn + (withdrawn ? policy.withdrawnDays : policy.paidDays);
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

  private EndedBy endedBy(HouseholdRow row, int today) {
    boolean open = false;
    boolean planned = false;
    boolean valid = false;
    for (Position position : row.getPositions()) {
      if (Positions.isOpen(position)) {
        open = true;
        planned |= position.getKind() == SignalKind.PLAN_AGREED;
        valid |= today < Positions.staleOn(position, policy);
      }
    }
    if (open) {
      return planned ? EndedBy.PLANNED : valid ? EndedBy.BELOW_MINIMUM : EndedBy.SILENT;
    }
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
