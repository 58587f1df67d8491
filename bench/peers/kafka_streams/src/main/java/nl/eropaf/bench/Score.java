package nl.eropaf.bench;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import nl.eropaf.Position;
import nl.eropaf.SignalKind;

/** What a household's arrears come to: the rules of risk/score.py. */
final class Score {
  long points;
  int open;
  int creditors;
  long behind;
  boolean threatening;
  Integer crisisOn;

  private final Policy policy;

  Score(List<Position> positions, List<Integer> months, int today, Policy policy) {
    this.policy = policy;
    boolean handover = false;
    Set<String> named = new HashSet<>();
    for (Position position : positions) {
      if (!Positions.isOpen(position)) {
        continue;
      }
      open++;
      Policy.Partner partner = policy.partners.get(position.getPartnerType());
      long unpaid = monthsOf(position.getAmountCents(), position, partner);
      behind += unpaid;
      threatening |= position.getCrisis();
      handover |= position.getHandover();
      Integer on = position.getCrisisOn();
      crisisOn = crisisOn == null || on != null && on < crisisOn ? on : crisisOn;
      if (addArrears(position, partner, unpaid)) {
        named.add(position.getCreditor());
      }
    }
    creditors = named.size();
    if (open > 0) {
      points += creditors > 1 ? policy.breadth * (creditors - 1) : 0;
      points += threatening ? policy.threatening : 0;
      points += handover ? policy.handover : 0;
      if (creditors > 0) {
        addPersistence(months);
      }
      addNearness(today);
    }
  }

  static boolean tooLittle(long cents, boolean crisis, Policy.Partner partner) {
    return cents < partner.minimumCents() && !crisis;
  }

  private static long monthsOf(long cents, Position position, Policy.Partner partner) {
    Long bill = position.getMonthlyBillCents();
    return cents * Policy.HUNDREDTHS / (bill == null ? partner.usualBillCents() : bill);
  }

  private boolean addArrears(Position position, Policy.Partner partner, long unpaid) {
    if (position.getKind() == SignalKind.PLAN_BROKEN) {
      points += policy.planBroken;
    }
    if (tooLittle(position.getAmountCents(), position.getCrisis(), partner)) {
      return false;
    }
    boolean planned = position.getKind() == SignalKind.PLAN_AGREED;
    long share = planned ? policy.planAgreedPercent : Policy.HUNDREDTHS;
    long counted = Math.min(unpaid, policy.monthsCap);
    long gives = partner.pointsPerMonth() * counted * share / Policy.HUNDREDTHS;
    if (gives == 0) {
      return false;
    }
    points += gives;
    Long first = position.getFirstCents();
    if (first != null && position.getAmountCents() > first) {
      long grown = monthsOf(position.getAmountCents() - first, position, partner);
      points += policy.growth * Math.min(grown, policy.monthsCap) * share / Policy.HUNDREDTHS;
    }
    return true;
  }

  private void addPersistence(List<Integer> months) {
    if (months.size() < 2) {
      return;
    }
    int newest = months.get(months.size() - 1);
    for (int month : months) {
      if (newest - policy.lookBackMonths <= month && month < newest) {
        points += policy.persistence;
      }
    }
  }

  private void addNearness(int today) {
    if (crisisOn == null) {
      return;
    }
    int left = Math.max(0, crisisOn - today);
    for (Policy.Step step : policy.nearness) {
      if (left <= step.withinDays()) {
        points += step.points();
        return;
      }
    }
  }
}
