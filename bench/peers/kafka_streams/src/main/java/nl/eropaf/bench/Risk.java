package nl.eropaf.bench;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nl.eropaf.Crisis;
import nl.eropaf.EndedBy;
import nl.eropaf.HouseholdEvent;
import nl.eropaf.HouseholdRisk;
import nl.eropaf.HouseholdRow;
import nl.eropaf.Position;
import nl.eropaf.Signal;
import nl.eropaf.SignalKind;

/** Hop 1: the rules of risk/household.py, risk/positions.py and risk/score.py. */
final class Risk {
  static final long HUNDREDTHS = 100;

  private final Policy policy;

  Risk(Policy policy) {
    this.policy = policy;
  }

  /** Gives the row after `event`, or null where it says nothing new. */
  HouseholdRow fold(HouseholdRow row, HouseholdEvent event) {
    Position position = positionOf(event.getSignal());
    List<Position> positions =
        withPosition(row == null ? List.of() : row.getPositions(), position);
    if (positions == null) {
      return null;
    }
    HouseholdRow folded = new HouseholdRow();
    folded.setAddress(row == null ? event.getAddress() : row.getAddress());
    folded.setAt(row == null ? event.getAt() : Math.max(row.getAt(), event.getAt()));
    folded.setSequence(row == null ? 1 : row.getSequence() + 1);
    folded.setPositions(positions);
    return folded;
  }

  HouseholdRisk risk(HouseholdRow row, String household) {
    long points = 0;
    long months = 0;
    int open = 0;
    boolean threatening = false;
    Integer crisisOn = null;
    Set<String> creditors = new HashSet<>();
    for (Position position : row.getPositions()) {
      if (!isOpen(position)) {
        continue;
      }
      open++;
      months += monthsBehind(position);
      long arrears = arrearsPoints(position);
      points += arrears;
      if (arrears != 0) {
        creditors.add(position.getCreditor());
      }
      if (position.getKind() == SignalKind.PLAN_BROKEN) {
        points += policy.planBroken * HUNDREDTHS;
      }
      if (position.getCrisis()) {
        threatening = true;
        Integer on = position.getCrisisOn();
        crisisOn = crisisOn == null || on != null && on < crisisOn ? on : crisisOn;
      }
    }
    points += policy.breadth * HUNDREDTHS * Math.max(0, creditors.size() - 1);
    points += threatening ? policy.threatening * HUNDREDTHS : 0;
    HouseholdRisk risk = new HouseholdRisk();
    risk.setHousehold(household);
    risk.setSequence(row.getSequence());
    risk.setAddress(row.getAddress());
    risk.setScore((int) points);
    risk.setOpenPositions(open);
    risk.setCreditors(creditors.size());
    risk.setMonthsBehind((int) months);
    risk.setThreatening(threatening);
    risk.setCrisisOn(crisisOn);
    risk.setEndedBy(open > 0 ? EndedBy.OPEN : endedBy(row));
    risk.setPolicyVersion(policy.version);
    risk.setAt(row.getAt());
    return risk;
  }

  private static Position positionOf(Signal signal) {
    boolean closed = isClosed(signal.getKind());
    Crisis crisis = closed ? null : signal.getCrisis();
    Position position = new Position();
    position.setCreditor(signal.getCreditor());
    position.setContract(signal.getContract());
    position.setPartnerType(signal.getPartnerType());
    position.setKind(signal.getKind());
    position.setAmountCents(closed ? 0 : signal.getAmountCents());
    position.setMonthlyBillCents(signal.getMonthlyBillCents());
    position.setReportedAt(signal.getReportedAt());
    position.setVersion(signal.getVersion());
    position.setSignalId(signal.getSignalId());
    position.setCrisis(crisis != null);
    position.setCrisisOn(crisis == null ? null : crisis.getOn());
    return position;
  }

  /** Gives `positions` with `position` in its place, or null where nothing changes. */
  private static List<Position> withPosition(List<Position> positions, Position position) {
    for (int index = 0; index < positions.size(); index++) {
      Position standing = positions.get(index);
      int order = standing.getCreditor().compareTo(position.getCreditor());
      if (order == 0) {
        order = standing.getContract().compareTo(position.getContract());
      }
      if (order == 0) {
        if (compareAge(position, standing) <= 0) {
          return null;
        }
        List<Position> changed = new ArrayList<>(positions);
        changed.set(index, position);
        return changed;
      }
      if (order > 0) {
        List<Position> changed = new ArrayList<>(positions);
        changed.add(index, position);
        return changed;
      }
    }
    List<Position> changed = new ArrayList<>(positions);
    changed.add(position);
    return changed;
  }

  private static int compareAge(Position one, Position other) {
    int order = Long.compare(one.getVersion(), other.getVersion());
    if (order == 0) {
      order = Long.compare(one.getReportedAt(), other.getReportedAt());
    }
    return order == 0 ? one.getSignalId().compareTo(other.getSignalId()) : order;
  }

  private static boolean isClosed(SignalKind kind) {
    return kind == SignalKind.PAID || kind == SignalKind.WITHDRAWN;
  }

  private static boolean isOpen(Position position) {
    return !isClosed(position.getKind()) && position.getAmountCents() > 0;
  }

  private long monthsBehind(Position position) {
    Long bill = position.getMonthlyBillCents();
    long cents =
        bill == null ? policy.partners.get(position.getPartnerType()).usualBillEur() * 100 : bill;
    return position.getAmountCents() * HUNDREDTHS / cents;
  }

  private long arrearsPoints(Position position) {
    if (position.getAmountCents() < policy.minimumAmountEur * 100 && !position.getCrisis()) {
      return 0;
    }
    long counted = Math.min(monthsBehind(position), policy.monthsCap * HUNDREDTHS);
    long points = policy.partners.get(position.getPartnerType()).pointsPerMonth() * counted;
    return position.getKind() == SignalKind.PLAN_AGREED
        ? points * policy.planAgreedPercent / 100
        : points;
  }

  private static EndedBy endedBy(HouseholdRow row) {
    Position last = row.getPositions().get(0);
    for (Position position : row.getPositions()) {
      int order = Long.compare(position.getReportedAt(), last.getReportedAt());
      if (order == 0) {
        order = compareAge(position, last);
      }
      last = order > 0 ? position : last;
    }
    return last.getKind() == SignalKind.WITHDRAWN ? EndedBy.WITHDRAWN : EndedBy.PAID;
  }
}
