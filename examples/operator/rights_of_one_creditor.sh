# Write down the rights of one creditor: it writes its own topic, reads its own feedback, and no more.
set -eu
export EROPAF_CREDITORS=rent,energy
eropaf acls print | grep 'creditor-rent'

# Prints:
# creditor-rent may READ GROUP creditor-rent-*
# creditor-rent may READ GROUP outbox-rent-*
# creditor-rent may READ TOPIC arrears.rent
# creditor-rent may WRITE TOPIC arrears.rent
# creditor-rent may READ TOPIC feedback.rent
# creditor-rent may WRITE TRANSACTIONAL_ID outbox-rent-*
